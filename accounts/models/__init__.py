"""Facts and constraints: one noun a file."""

from accounts.models.care_identity import CareIdentity
from accounts.models.care_identity_log_out import CareIdentityLogOut
from accounts.models.demo_mark import DemoMark
from accounts.models.device_cookie import DeviceCookie
from accounts.models.former_email import FormerEmail
from accounts.models.lockout import Lockout
from accounts.models.organisation import EmailDomain, Organisation
from accounts.models.outbox import OutboxMessage
from accounts.models.password_history import PasswordHistory
from accounts.models.recovery_request import RecoveryLink, RecoveryRequest
from accounts.models.security_event import SecurityEvent
from accounts.models.session import Session
from accounts.models.trusted_network import TrustedNetwork
from accounts.models.user import User

__all__ = [
    "CareIdentity",
    "CareIdentityLogOut",
    "DemoMark",
    "DeviceCookie",
    "EmailDomain",
    "FormerEmail",
    "Lockout",
    "Organisation",
    "OutboxMessage",
    "PasswordHistory",
    "RecoveryLink",
    "RecoveryRequest",
    "SecurityEvent",
    "Session",
    "TrustedNetwork",
    "User",
]
