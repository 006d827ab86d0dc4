"""Facts and constraints: one noun a file."""

from accounts.models.authenticator import Authenticator
from accounts.models.bootstrap_code import BootstrapCode
from accounts.models.caller_check import CallerCheck
from accounts.models.care_identity import CareIdentity
from accounts.models.care_identity_log_out import CareIdentityLogOut
from accounts.models.check_up import CheckUp
from accounts.models.daily_count import CountedDay, DailyCount
from accounts.models.demo_mark import DemoMark
from accounts.models.device_cookie import DeviceCookie
from accounts.models.erased_person import ErasedPerson
from accounts.models.event_seal import EventMarks, EventSeal
from accounts.models.filed_event import FiledEvent
from accounts.models.former_email import FormerEmail
from accounts.models.given_address import GivenAddress
from accounts.models.last_run import LastRun
from accounts.models.lockout import Lockout
from accounts.models.organisation import EmailDomain, Organisation
from accounts.models.outage_unlock import OutageUnlock
from accounts.models.outbox import OutboxMessage
from accounts.models.password_history import PasswordHistory
from accounts.models.people_upload import PeopleUpload, PeopleUploadPiece
from accounts.models.proposal import Proposal
from accounts.models.recovery_codes import RecoveryCodes
from accounts.models.recovery_request import RecoveryLink, RecoveryRequest
from accounts.models.remembered_browser import RememberedBrowser
from accounts.models.second_step_excuse import SecondStepExcuse
from accounts.models.second_step_record import SecondStepRecord
from accounts.models.security_event import SecurityEvent
from accounts.models.session import Session
from accounts.models.spent_challenge import SpentChallenge
from accounts.models.switched_off import SwitchedOff
from accounts.models.trusted_network import TrustedNetwork
from accounts.models.user import User
from accounts.models.worker_heartbeat import WorkerHeartbeat

__all__ = [
    "Authenticator",
    "BootstrapCode",
    "CallerCheck",
    "CareIdentity",
    "CareIdentityLogOut",
    "CheckUp",
    "CountedDay",
    "DailyCount",
    "DemoMark",
    "DeviceCookie",
    "EmailDomain",
    "ErasedPerson",
    "EventMarks",
    "EventSeal",
    "FiledEvent",
    "FormerEmail",
    "GivenAddress",
    "LastRun",
    "Lockout",
    "Organisation",
    "OutageUnlock",
    "OutboxMessage",
    "PasswordHistory",
    "PeopleUpload",
    "PeopleUploadPiece",
    "Proposal",
    "RecoveryCodes",
    "RecoveryLink",
    "RecoveryRequest",
    "RememberedBrowser",
    "SecondStepExcuse",
    "SecondStepRecord",
    "SecurityEvent",
    "Session",
    "SpentChallenge",
    "SwitchedOff",
    "TrustedNetwork",
    "User",
    "WorkerHeartbeat",
]
