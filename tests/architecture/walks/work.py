"""A hire from the project to the end, and what may happen on the way."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.utils import timezone

from contracts.models import TimeEntry, Timesheet
from contracts.services import bill_due_weeks
from payments.models import Hold
from payments.tests.fakes import VISA
from tests.architecture.walks.cast import LABELS, Cast


def walk_through_a_hire(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    project = client.call("POST", "/api/projects", LABELS)
    path = f"/api/projects/{project['id']}"
    client.call("PATCH", path, {"title": "Labels for two bakeries"})
    client.call("PUT", path, LABELS)
    client.get(path)
    client.get("/api/projects/mine")
    offer = {
        "cover_letter": "I draw labels.",
        "bid_amount": "500.00",
        "estimated_days": 9,
        "milestones": [
            {"title": "Drafts", "amount": "200.00", "due_date": "2099-01-01"},
            {"title": "Rest", "amount": "300.00"},
        ],
    }
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": project["id"]})
    freelancer.call("PATCH", f"/api/proposals/{proposal['id']}", {"estimated_days": 10})
    freelancer.call("PUT", f"/api/proposals/{proposal['id']}", offer)
    client.get("/api/proposals", project_id=project["id"])
    client.call("POST", f"/api/proposals/{proposal['id']}/shortlist")
    accepted = client.call("POST", f"/api/proposals/{proposal['id']}/accept")
    freelancer.get(f"/api/proposals/{proposal['id']}")
    contract = f"/api/contracts/{accepted['contract_id']}"
    first = client.get(f"{contract}/milestones")["results"][0]
    client.call("POST", f"/api/milestones/{first['id']}/fund", {"payment_method": VISA})
    freelancer.call("POST", f"/api/milestones/{first['id']}/submit", {"note": "Here", "attachment_ids": [cast.note]})
    client.call("POST", f"/api/milestones/{first['id']}/request-revision", {"note": "In blue"})
    freelancer.call("POST", f"/api/milestones/{first['id']}/submit", {"note": "In blue"})
    freelancer.get(f"/api/milestones/{first['id']}")
    client.call("POST", f"{contract}/pause", {"reason": "Holiday"})
    client.call("POST", f"{contract}/resume")
    client.call("POST", f"/api/milestones/{first['id']}/approve", {"amount": "50.00"})
    client.call("POST", f"/api/milestones/{first['id']}/approve", {})
    client.call("POST", f"{contract}/milestones", {"title": "A bag", "amount": "80.00"})
    client.call("POST", f"{contract}/complete")
    for path in (contract, f"{contract}/history", "/api/contracts"):
        freelancer.get(path)
    client.call("POST", "/api/reviews", {"contract_id": accepted["contract_id"], "rating": 5, "comment": "Quick"})
    freelancer.call("POST", "/api/reviews", {"contract_id": accepted["contract_id"], "rating": 4})
    client.get("/api/reviews")
    cast.stranger.get(f"/api/reviews/user/{cast.freelancer_person.pk}")


def walk_through_a_cancelled_hire(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    file = {"file": SimpleUploadedFile("brief.txt", b"Brief", "text/plain"), "kind": "attachment"}
    brief = client.call("POST", "/api/uploads", file, format="multipart")["id"]
    project = client.call("POST", "/api/projects", LABELS | {"attachment_ids": [brief]})
    offer = {"project_id": project["id"], "cover_letter": "Me", "bid_amount": "500.00", "estimated_days": 9}
    for decide in ("reject", "withdraw"):
        proposal = freelancer.call("POST", "/api/proposals", offer)
        (client if decide == "reject" else freelancer).call("POST", f"/api/proposals/{proposal['id']}/{decide}", {})
    proposal = freelancer.call("POST", "/api/proposals", offer)
    contract = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    client.call("POST", f"/api/milestones/{contract['milestones'][0]['id']}/fund", {"payment_method": VISA})
    client.call("DELETE", f"/api/contracts/{contract['id']}")
    other = client.call("POST", "/api/projects", LABELS)
    client.call("POST", f"/api/projects/{other['id']}/close", {})
    draft = client.call("POST", "/api/projects", LABELS | {"status": "draft"})
    client.call("DELETE", f"/api/projects/{draft['id']}")


def walk_through_changes(cast: Cast) -> None:
    """What happens to a contract besides the straight way: changes, parts, money asked back, a bonus, the end."""
    client, freelancer = cast.client, cast.freelancer
    project = client.call("POST", "/api/projects", LABELS)
    steps = [{"title": title, "amount": "250.00"} for title in ("Drafts", "Rest")]
    offer = {"cover_letter": "Me", "bid_amount": "500.00", "estimated_days": 9, "milestones": steps}
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": project["id"]})
    made = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    contract, (first, second) = f"/api/contracts/{made['id']}", made["milestones"]
    changed = client.call("PATCH", f"/api/milestones/{first['id']}", {"due_date": "2099-01-01"})
    change = f"{contract}/changes/{changed['proposed_change']['id']}"
    freelancer.call("POST", f"{change}/accept")
    for end in ("decline", "withdraw"):
        scope = client.call("PUT", contract, {"terms": f"To {end}"})
        (freelancer if end == "decline" else client).call("POST", f"{contract}/changes/{scope['id']}/{end}", {})
    added = freelancer.call("POST", f"{contract}/milestones", {"title": "A bag", "amount": "80.00"})
    freelancer.call("DELETE", f"/api/milestones/{added['id']}")
    for path in (f"{contract}/changes", f"{contract}/terms", contract, f"{contract}/history"):
        client.get(path)

    for step in (first, second):
        client.call("POST", f"/api/milestones/{step['id']}/fund", {"payment_method": VISA})
    freelancer.call("POST", f"/api/milestones/{first['id']}/submit", {"note": "Here"})
    client.get(contract)
    client.call("POST", f"/api/milestones/{first['id']}/approve", {"amount": "50.00", "remainder": "roll"})
    overdue = timezone.now() - timedelta(days=40)
    Hold.objects.filter(milestone=second["id"]).update(funded_at=overdue)
    requests = f"/api/milestones/{second['id']}/refund-requests"
    for end in ("refuse", "withdraw", "agree"):
        asked = client.call("POST", requests, {"reason": "Nothing came."})
        client.get(f"/api/milestones/{second['id']}")
        client.get(contract)
        who = client if end == "withdraw" else freelancer
        who.call("POST", f"{requests}/{asked['id']}/{end}", {"answer": "Soon."} if end == "refuse" else {})
    client.get(requests)
    client.call("POST", f"{contract}/bonus", {"amount": "10.00", "payment_method": VISA})
    client.get(f"{contract}/bonus")
    third = client.call("POST", "/api/projects", LABELS)
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": third["id"]})
    other = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    freelancer.call("POST", f"/api/contracts/{other['id']}/end", {"reason": "Ill."})


def walk_through_hours(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    project = client.call("POST", "/api/projects", LABELS | {"budget_type": "hourly"})
    offer = {"project_id": project["id"], "cover_letter": "Me", "bid_amount": "50.00", "estimated_days": 9}
    proposal = freelancer.call("POST", "/api/proposals", offer)
    accepted = client.call("POST", f"/api/proposals/{proposal['id']}/accept", {"weekly_cap_minutes": 600})
    contract = f"/api/contracts/{accepted['contract_id']}"
    client.call("PUT", f"{contract}/weekly-cap", {"weekly_cap_minutes": 900})
    week = client.get("/api/timesheets", contract_id=accepted["contract_id"])["results"][-1]
    path = f"/api/timesheets/{week['id']}"
    client.call("POST", f"{path}/fund", {"payment_method": VISA})
    timer = freelancer.call("POST", "/api/time-entries", {"contract_id": accepted["contract_id"]})
    entry = f"/api/time-entries/{timer['id']}"
    freelancer.call("PATCH", entry, {"memo": "Drafts"})
    freelancer.get(entry)
    TimeEntry.objects.filter(pk=timer["id"]).update(started_at=F("started_at") - timedelta(minutes=5))
    freelancer.call("POST", f"{entry}/stop")
    mistake = freelancer.call("POST", "/api/time-entries", {"contract_id": accepted["contract_id"]})
    freelancer.call("DELETE", f"/api/time-entries/{mistake['id']}")
    freelancer.get("/api/time-entries")
    freelancer.call("POST", f"{path}/submit")
    client.call("POST", f"{path}/reject", {"entries": [{"id": timer["id"], "reason": "Too long"}]})
    Timesheet.objects.filter(pk=week["id"]).update(review_until=F("review_until") - timedelta(days=14))
    bill_due_weeks()
    freelancer.call("POST", f"{path}/concede")
    client.get(path)
    client.get(f"{contract}/history")


def walk_through_disputes(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    offer = {
        "cover_letter": "I draw labels.",
        "bid_amount": "900.00",
        "estimated_days": 9,
        "milestones": [{"title": f"Step {number}", "amount": "180.00"} for number in range(1, 6)],
    }
    project = client.call("POST", "/api/projects", LABELS)
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": project["id"]})
    contract = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    steps = [step["id"] for step in contract["milestones"]]
    client.call("POST", f"/api/chats/{contract['chat_id']}/messages", {"content": "Where is it?"})

    def dispute(step: int) -> str:
        client.call("POST", f"/api/milestones/{step}/fund", {"payment_method": VISA})
        claim = {"reason": "late", "explanation": "It came too late.", "amount": "80.00", "milestone_id": step}
        return f"/api/disputes/{client.call('POST', '/api/disputes', claim)['id']}"

    withdrawn = dispute(steps[0])
    client.call("POST", f"{withdrawn}/withdraw")
    freelancer.call("POST", f"/api/milestones/{steps[0]}/submit", {"note": "Here", "attachment_ids": [cast.note]})
    agreed = dispute(steps[1])
    freelancer.call("POST", f"{agreed}/accept")
    countered = dispute(steps[2])
    file = {"file": SimpleUploadedFile("letter.txt", b"As agreed", "text/plain"), "kind": "attachment"}
    letter = client.call("POST", "/api/uploads", file, format="multipart")["id"]
    client.call("POST", f"{countered}/evidence", {"text": "The letter.", "attachment_ids": [letter]})
    split = freelancer.call("POST", f"{countered}/offers", {"to_freelancer": "0", "note": "All back"})
    freelancer.get(countered)
    client.call("POST", f"{countered}/mediation")
    client.call("POST", f"{countered}/offers/{split['id']}/accept")
    contested = dispute(steps[3])
    freelancer.call("POST", f"{contested}/contest", {"text": "It came in time."})
    cast.staff.call("POST", f"{contested}/resolve", {"to_freelancer": "100.00", "reasons": "A day late."})
    for path in (withdrawn, agreed, countered, contested, "/api/disputes"):
        client.get(path)
    for path in (withdrawn, agreed, contested):
        freelancer.get(f"{path}/transcript")
