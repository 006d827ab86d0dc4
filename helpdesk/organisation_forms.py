"""The forms for an organisation and its trusted networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.recovery import EmailAddressField
from accounts.identifiers import normalise_domain
from accounts.models import EmailDomain, Organisation, TrustedNetwork
from accounts.models.trusted_network import read_network
from helpdesk.unchanged_stays import UnchangedStays
from people.organisation_facts import FIELDS
from people.services import organisations

if TYPE_CHECKING:
    from accounts.models.trusted_network import Network

    InlineFormSet = forms.BaseInlineFormSet[TrustedNetwork, Organisation, forms.ModelForm[TrustedNetwork]]
else:
    InlineFormSet = forms.BaseInlineFormSet


class OrganisationForm(UnchangedStays):
    """What an operator says of an organisation."""

    class Meta:
        model = Organisation
        fields = FIELDS
        field_classes = {"support_email": EmailAddressField, "it_support_email": EmailAddressField}
        help_texts = {
            "requires_internet_access": _(
                "Outside the trusted networks below, a username and password work only for people with internet "
                "access. Needs a trusted network."
            ),
            "care_identity_level": _(
                "How sure Care Identity must be of who somebody is. Warning: with level 2, whoever learns a person's "
                "Care Identity password and reads a code from their phone gets in. Leave it at 3 unless people here "
                "have neither a smartcard nor a security key."
            ),
            "second_step": _(
                "A passkey, or a code from a phone, after the password. A smartcard counts as both. Where it is "
                "required, people who have none are asked to set one up as soon as they have typed their password, "
                "before anything else. “Outside the trusted networks” asks for none inside the networks below. "
                "People with a role in this admin always need one, whatever is chosen here."
            ),
            "second_step_share": _(
                "Of a hundred people, how many the choice above holds for: 10 to begin with, 100 for all. A higher "
                "number adds people and takes none away. The others go on as they are, and cannot set a second step up."
            ),
            "dormant_after_days": _(
                "The password of a person who has not logged in for so many days, from 60 to 1095, lets in no more. "
                "They are warned by email 30 and 7 days before, and wake it themselves, by recovery, Care Identity or "
                "a passkey. Empty: passwords are never dormant. What is dormant already stays so."
            ),
            "events_kept_days": _(
                "From 400 to 2190. Warning: what is older is deleted for good: what happened to the accounts of people "
                "here, like new passwords and changes of their record. A lower number deletes nothing for 7 days, in "
                "which you can take it back; after that events go within a month of their day. What agents did, and "
                "what happened to the accounts of people who have or had a role, stays. Log-ins and failed tries have "
                "ages of their own, which this does not change. Empty: six years."
            ),
            "leavers_kept_days": _(
                "From 400 to 3653. Warning: so many days after their last day people are erased for good, with all "
                "that is kept about them but the events. A lower number erases nobody for 7 days, in which you can "
                "take it back. People with a role stay, and people for whom something waits. Empty: six years."
            ),
        }


class EmailDomainForm(UnchangedStays):
    """One mail domain."""

    class Meta:
        model = EmailDomain
        fields = ("domain",)

    def clean_domain(self) -> str:
        """Return the domain as people's addresses have it. One in ASCII stays as typed: small letters are asked for."""
        typed: str = self.cleaned_data["domain"]
        return typed if typed.isascii() else normalise_domain(typed)


class TrustedNetworkForm(UnchangedStays):
    """One network, as the portal sees it."""

    class Meta:
        model = TrustedNetwork
        fields = ("network", "is_shared")

    def clean_network(self) -> str:
        """Return the network in its one spelling, so that one is not there twice."""
        return str(read_network(self.cleaned_data["network"]))


class TrustedNetworks(InlineFormSet):
    """All networks of one organisation, as they will be."""

    def clean(self) -> None:
        """Look at the networks together, and at what the organisation asks for. Raises ValidationError."""
        if any(self.errors):
            return
        kept = self._kept()
        problem = organisations.overlap_problem(networks=kept) or organisations.no_network_problem(
            requires_internet_access=self.instance.requires_internet_access, networks=kept
        )
        if problem:
            raise ValidationError(problem)
        super().clean()

    def _kept(self) -> list[Network]:
        going = self.deleted_forms
        typed = (form.cleaned_data.get("network") for form in self.forms if form not in going)
        return [read_network(network) for network in typed if network]
