"""What staff fill in about who was there."""

from interact_events.attendance.forms.corrections import CorrectionForm, Extent, ReopenForm
from interact_events.attendance.forms.evidence import EvidenceForm
from interact_events.attendance.forms.imports import ReadingForm, ReportForm, chosen_people
from interact_events.attendance.forms.paper import PAPERS, BadgesForm, ListsForm, SignsForm

__all__ = [
    "PAPERS",
    "BadgesForm",
    "CorrectionForm",
    "EvidenceForm",
    "Extent",
    "ListsForm",
    "ReadingForm",
    "ReopenForm",
    "ReportForm",
    "SignsForm",
    "chosen_people",
]
