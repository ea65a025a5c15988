"""What is done with permits: records from files, applications, steps of a case, arrivals."""

from registry.permits.service.answering import answer, preview_answer, submission_of
from registry.permits.service.applications import Submission, preview, submit_application, submit_applications
from registry.permits.service.arrivals import settle_arrivals
from registry.permits.service.cases import (
    propose,
    propose_refusal,
    refuse,
    request_information,
    send_back,
    take_up,
    withdraw,
)
from registry.permits.service.issuing import issue
from registry.permits.service.records import record_permits
from registry.permits.service.stepping import case_of

__all__ = [
    "Submission",
    "answer",
    "case_of",
    "issue",
    "preview",
    "preview_answer",
    "propose",
    "propose_refusal",
    "record_permits",
    "refuse",
    "request_information",
    "send_back",
    "settle_arrivals",
    "submission_of",
    "submit_application",
    "submit_applications",
    "take_up",
    "withdraw",
]
