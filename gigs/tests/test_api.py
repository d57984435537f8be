from datetime import datetime

import pytest

from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory
from gigs.models import Gig, NoShow
from gigs.tests.factories import accepted_gig, begins_in, completed_gig, funded_gig, make_gig, missed_gig
from payments.tests.factories import funded_hold
from payments.tests.fakes import DECLINED, VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

GIG = {
    "title": "Assemble two bookcases",
    "description": "And fix them to a brick wall.",
    "duration_hours": 2,
    "budget": "60.00",
    "currency": "eur",
    "location": {"lat": 51.05, "lng": 3.72},
    "address": "Sleepstraat 3, Gent",
}


def test_the_whole_gig_over_the_api(api_as):
    seeker, helper = ClientFactory.create(), FreelancerFactory.create()
    posted = api_as(seeker).post("/api/gigs", GIG)
    assert posted.status_code == 201, posted.data
    gig = posted.data["id"]
    found = api_as(helper).get("/api/gigs?lat=51.05&lng=3.72&radius_km=5").data["results"]
    assert [row["id"] for row in found] == [gig]
    assert found[0]["address"] == "" and found[0]["distance_km"] is not None
    accepted = api_as(helper).post(f"/api/gigs/{gig}/accept")
    assert accepted.status_code == 200 and accepted.data["address"] == GIG["address"] and accepted.data["chat_id"]
    assert api_as(FreelancerFactory.create()).post(f"/api/gigs/{gig}/accept").data["error_type"] == "gig_taken"
    early = api_as(helper).put(f"/api/gigs/{gig}/status", {"status": "in_progress"})
    assert (early.status_code, early.data["error_type"]) == (409, "gig_not_funded")
    escrow = api_as(seeker).post("/api/transactions/escrow", {"gig_id": gig, "payment_method": VISA})
    assert escrow.status_code == 200 and escrow.data["status"] == "held" and escrow.data["amount"] == 6000
    assert api_as(helper).put(f"/api/gigs/{gig}/status", {"status": "in_progress"}).data["status"] == "in_progress"
    assert api_as(helper).put(f"/api/gigs/{gig}/status", {"status": "completed"}).data["status"] == "completed"
    done = api_as(seeker).get(f"/api/gigs/{gig}").data
    assert (done["approval_days"], done["released"]) == (14, False)
    assert datetime.fromisoformat(done["release_at"]) == Gig.objects.get(pk=gig).release_at
    released = api_as(seeker).put(f"/api/transactions/{escrow.data['id']}/release")
    assert released.status_code == 200 and released.data["status"] == "released"
    balance = api_as(helper).get("/api/wallet").data["balances"]
    assert [row["available"] for row in balance if row["currency"] == "eur"] == [5400]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"budget": "0"}, "budget"),
        ({"budget": "-5"}, "budget"),
        ({"budget": "10.005"}, "budget"),
        ({"budget": "99999999999"}, "budget"),
        ({"budget": "lots"}, "budget"),
        ({"budget": True}, "budget"),
        ({"budget": "10.5", "currency": "JPY"}, "budget"),
        ({"currency": "XYZ"}, "currency"),
        ({"location": {"lat": 91, "lng": 0}}, "location.lat"),
        ({"location": {"lat": 0, "lng": -180.5}}, "location.lng"),
        ({"location": {"lat": "NaN", "lng": 0}}, "location.lat"),
        ({"title": "x" * 161}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"duration_hours": 0}, "duration_hours"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "starts_at"),
        ({"image_ids": [999]}, "image_ids"),
        ({"category": "no-such"}, "category"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_leaves_nothing(api_as, change, field):
    answer = api_as(ClientFactory.create()).post("/api/gigs", GIG | change)
    assert answer.status_code == 400, answer.data
    assert field in answer.data["fields"]
    assert not Gig.objects.exists()


def test_unknown_keys_do_not_set_anything(api_as):
    seeker, other = ClientFactory.create(), FreelancerFactory.create()
    extra = {"status": "completed", "helper": other.pk, "seeker": other.pk, "fee_bps": 0, "id": 77}
    gig = Gig.objects.get(pk=api_as(seeker).post("/api/gigs", GIG | extra).data["id"])
    assert (gig.status, gig.helper, gig.seeker, gig.fee_bps) == ("pending", None, seeker, 1000)


@pytest.mark.parametrize(
    "query",
    ["lat=91&lng=0", "lat=x&lng=0", "bbox=1,2,3", "bbox=5,5,1,1", "radius_km=0", "status=gone", "budget_min=-1"],
)
def test_bad_filters_are_400(api, query):
    answer = api.get(f"/api/gigs?{query}")
    assert answer.status_code == 400 and answer.data["fields"]


def test_bounds_and_budget_filter(api):
    here, far = make_gig(), make_gig(lat=38.72, lng=-9.14)
    assert [row["id"] for row in api.get("/api/gigs?bbox=3,50,4,52").data["results"]] == [here.pk]
    assert [row["id"] for row in api.get("/api/gigs?bbox=-10,38,-9,39").data["results"]] == [far.pk]
    assert api.get("/api/gigs?budget_min=46").data["count"] == 0
    assert api.get("/api/gigs?budget_max=45").data["count"] == 2


def test_nearest_come_first(api):
    far, near = make_gig(lat=51.09), make_gig(lat=51.06)
    rows = api.get("/api/gigs?lat=51.05&lng=3.7174&radius_km=10").data["results"]
    assert [row["id"] for row in rows] == [near.pk, far.pk]


def test_strangers_see_neither_place_nor_taken_gigs(api, api_as):
    gig = make_gig()
    stranger = api.get(f"/api/gigs/{gig.pk}").data
    assert stranger["location_exact"] is False
    assert stranger["location"] != {"lat": 51.0543, "lng": 3.7174}
    taken = accepted_gig()
    assert api.get(f"/api/gigs/{taken.pk}").status_code == 404
    assert api_as(UserFactory.create()).get(f"/api/gigs/{taken.pk}").status_code == 404
    assert api_as(taken.seeker).get(f"/api/gigs/{taken.pk}").data["location"] == {"lat": 51.0543, "lng": 3.7174}


def test_a_strangers_transaction_is_not_there(api_as):
    gig = completed_gig()
    stranger = api_as(ClientFactory.create())
    assert stranger.put(f"/api/transactions/{gig.hold_id}/release").status_code == 404
    assert stranger.put(f"/api/transactions/{gig.hold_id}/cancel").status_code == 404
    assert stranger.post("/api/transactions/escrow", {"gig_id": gig.pk, "payment_method": VISA}).status_code == 404
    assert api_as(gig.helper).put(f"/api/transactions/{gig.hold_id}/release").status_code == 403


def test_the_same_key_releases_once_and_gives_the_same_answer(api_as):
    gig = completed_gig()
    seeker, path = api_as(gig.seeker), f"/api/transactions/{gig.hold_id}/release"
    first, again = (seeker.put(path, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content) == (200, first.content)
    other = seeker.put(path)
    assert (other.status_code, other.data["error_type"]) == (409, "gig_already_released")


def test_the_funds_of_a_contract_are_not_moved_as_if_they_were_a_gigs(api_as):
    hold = funded_hold()
    for act in ("release", "cancel"):
        answer = api_as(hold.payer).put(f"/api/transactions/{hold.pk}/{act}")
        assert (answer.status_code, answer.data["error_type"]) == (409, "not_a_gig")
        assert api_as(ClientFactory.create()).put(f"/api/transactions/{hold.pk}/{act}").status_code == 404
    hold.refresh_from_db()
    assert hold.status == "held"


def test_a_transaction_is_released_once_the_work_is_done_and_cancelled_before_it_begins(api_as):
    gig = funded_gig()
    seeker, path = api_as(gig.seeker), f"/api/transactions/{gig.hold_id}"
    early = seeker.put(f"{path}/release")
    assert (early.status_code, early.data["error_type"]) == (409, "gig_not_completed")
    assert seeker.put(f"{path}/cancel").data["status"] == "refunded"
    assert seeker.put(f"{path}/cancel").data["status"] == "refunded"
    done = completed_gig()
    late = api_as(done.seeker).put(f"/api/transactions/{done.hold_id}/cancel")
    assert (late.status_code, late.data["error_type"]) == (409, "gig_under_way")


@pytest.mark.parametrize(
    ("body", "field"), [({}, "gig_id"), ({"gig_id": 0}, "gig_id"), ({"gig_id": 1, "provider": "bank"}, "provider")]
)
def test_bad_escrow_is_400(api_as, body, field):
    answer = api_as(ClientFactory.create()).post("/api/transactions/escrow", body)
    assert (answer.status_code, list(answer.data["fields"])) == (400, [field])


def test_an_open_gig_is_not_paid_in(api_as):
    gig = make_gig()
    answer = api_as(gig.seeker).post("/api/transactions/escrow", {"gig_id": gig.pk, "payment_method": VISA})
    assert (answer.status_code, answer.data["error_type"]) == (409, "gig_not_accepted")


def test_the_helper_does_not_pay(api_as):
    gig = accepted_gig()
    answer = api_as(gig.helper).post("/api/transactions/escrow", {"gig_id": gig.pk, "payment_method": VISA})
    assert (answer.status_code, answer.data["error_type"]) == (403, "not_the_seeker")


def test_a_declined_card_is_said_and_nothing_is_held(api_as):
    gig = accepted_gig()
    answer = api_as(gig.seeker).post("/api/transactions/escrow", {"gig_id": gig.pk, "payment_method": DECLINED})
    assert (answer.status_code, answer.data["error_type"]) == (409, "card_declined")
    gig.refresh_from_db()
    assert gig.hold.status == "pending"


def test_patch_changes_only_what_is_sent(api_as):
    gig = make_gig()
    answer = api_as(gig.seeker).patch(f"/api/gigs/{gig.pk}", {"budget": "50.00"})
    assert answer.status_code == 200, answer.data
    assert (answer.data["budget"], answer.data["title"]) == ("50.00", gig.title)


def test_deleting_cancels_and_a_stranger_may_not(api_as):
    gig = make_gig()
    assert api_as(ClientFactory.create()).delete(f"/api/gigs/{gig.pk}").status_code == 403
    assert api_as(gig.seeker).delete(f"/api/gigs/{gig.pk}").data["status"] == "cancelled"


def test_posting_needs_a_sign_in(api):
    assert api.post("/api/gigs", GIG).status_code == 401


def test_the_same_idempotency_key_posts_once(api_as):
    seeker = api_as(ClientFactory.create())
    first = seeker.post("/api/gigs", GIG, headers={"Idempotency-Key": "k1"})
    again = seeker.post("/api/gigs", GIG, headers={"Idempotency-Key": "k1"})
    assert first.data["id"] == again.data["id"] and Gig.objects.count() == 1
    other = seeker.post("/api/gigs", GIG | {"title": "Another"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.data["error_type"]) == (409, "idempotency_conflict")


def test_mine_holds_both_sides(api_as):
    gig = funded_gig()
    make_gig()
    assert [row["id"] for row in api_as(gig.helper).get("/api/gigs/mine").data["results"]] == [gig.pk]
    assert [row["id"] for row in api_as(gig.seeker).get("/api/gigs/mine").data["results"]] == [gig.pk]


@pytest.mark.parametrize(
    ("who", "hours", "expected"),
    [
        ("seeker", 100, {"late": False, "strike": False, "to_helper": "0.00", "back": "45.00"}),
        ("helper", 100, {"late": False, "strike": False, "to_helper": "0.00", "back": "45.00"}),
        (
            "seeker",
            3,
            {"late": True, "strike": False, "to_helper": "9.00", "fee": "0.90", "net": "8.10", "back": "36.00"},
        ),
        ("helper", 3, {"late": True, "strike": True, "to_helper": "0.00", "back": "45.00"}),
    ],
)
def test_what_calling_it_off_costs_is_said_before_and_comes_true(api_as, who, hours, expected):
    gig = begins_in(funded_gig(), hours)
    api, path = api_as(getattr(gig, who)), f"/api/gigs/{gig.pk}"
    said = api.get(path).data["cancellation"]
    assert said.items() >= expected.items()
    assert datetime.fromisoformat(said["free_until"]) == gig.free_until
    assert [row["cancellation"] for row in api.get("/api/gigs/mine").data["results"]] == [said]
    after = api.put(f"{path}/status", {"status": "cancelled"}).data
    assert (after["status"], after["compensation"], after["cancellation"]) == ("cancelled", said["to_helper"], None)
    strikes = api.get("/api/account/standing").data["strikes"]
    assert [(strike["rule"], strike["about"]) for strike in strikes] == [("cancelled_late", gig.title)] * said["strike"]


def test_who_asks_for_a_free_cancellation_pays_nothing(api_as):
    gig = begins_in(funded_gig(), 3)
    answer = api_as(gig.seeker).put(f"/api/gigs/{gig.pk}/status", {"status": "cancelled", "late": False})
    assert (answer.status_code, answer.data["error_type"]) == (409, "cancellation_is_late")
    assert api_as(gig.seeker).get(f"/api/gigs/{gig.pk}").data["status"] == "accepted"


@pytest.mark.parametrize("way", ["status", "delete", "transaction"])
def test_every_way_to_call_it_off_late_costs_the_same(api_as, way):
    gig = begins_in(funded_gig(), 3)
    seeker = api_as(gig.seeker)
    match way:
        case "status":
            answer = seeker.put(f"/api/gigs/{gig.pk}/status", {"status": "cancelled"})
        case "delete":
            answer = seeker.delete(f"/api/gigs/{gig.pk}")
        case _:
            answer = seeker.put(f"/api/transactions/{gig.hold_id}/cancel")
    assert answer.status_code == 200
    assert api_as(gig.helper).get(f"/api/gigs/{gig.pk}").data["compensation"] == "9.00"


def test_strangers_read_nothing_of_it(api, api_as):
    gig = make_gig()
    for reader in (api, api_as(FreelancerFactory.create())):
        row = reader.get(f"/api/gigs/{gig.pk}").data
        assert {row[name] for name in ("cancellation", "compensation", "no_show", "no_show_until")} == {None}
    own = api_as(gig.seeker).get(f"/api/gigs/{gig.pk}").data
    assert (own["cancellation"]["late"], own["cancellation"]["free_until"]) == (False, None)


def test_a_no_show_over_the_api(api_as):
    gig = missed_gig()
    seeker, helper, path = api_as(gig.seeker), api_as(gig.helper), f"/api/gigs/{gig.pk}"
    assert seeker.get(path).data["no_show_until"] is not None
    reported = seeker.post(f"{path}/no-show", {"note": "I waited."}).data
    assert (reported["no_show"]["status"], reported["no_show"]["absent"]) == ("open", "helper")
    assert (reported["no_show_until"], reported["cancellation"]) == (None, None)
    assert helper.get(path).data["no_show"]["note"] == "I waited."
    refused = helper.post(f"{path}/no-show/contest", {})
    assert (refused.status_code, list(refused.data["fields"])) == (400, ["answer"])
    own = seeker.post(f"{path}/no-show/contest", {"answer": "No."})
    assert (own.status_code, own.data["error_type"]) == (403, "own_report")
    contested = helper.post(f"{path}/no-show/contest", {"answer": "I rang."}).data["no_show"]
    assert (contested["status"], contested["answer"]) == ("contested", "I rang.")
    assert helper.post(f"{path}/no-show/withdraw").status_code == 403
    assert seeker.post(f"{path}/no-show/withdraw").data["no_show"]["status"] == "withdrawn"
    assert api_as(FreelancerFactory.create()).post(f"{path}/no-show").status_code == 404


def test_a_report_with_the_same_key_is_one(api_as):
    gig = missed_gig()
    ask = {"headers": {"Idempotency-Key": "once"}}
    first, again = (api_as(gig.helper).post(f"/api/gigs/{gig.pk}/no-show", {}, **ask) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert NoShow.objects.count() == 1


def test_what_was_not_reported_is_not_answered(api_as):
    gig = missed_gig()
    assert api_as(gig.helper).post(f"/api/gigs/{gig.pk}/no-show/contest", {"answer": "No."}).status_code == 404
    early = begins_in(funded_gig(), 3)
    answer = api_as(early.seeker).post(f"/api/gigs/{early.pk}/no-show")
    assert (answer.status_code, answer.data["error_type"]) == (409, "gig_not_begun")


@pytest.mark.parametrize("path", ["/api/gigs", "/api/gigs?lat=51.05&lng=3.72", "/api/gigs/mine"])
def test_queries_do_not_grow_with_rows(api_as, django_assert_num_queries, path):
    seeker = ClientFactory.create()
    api_as(seeker).get(path)  # the first search by place in a process asks for the spatial reference system
    for count in (5, 25):
        while Gig.objects.count() < count:
            make_gig(seeker=seeker)
        with django_assert_num_queries(3):
            assert len(api_as(seeker).get(f"{path}{'&' if '?' in path else '?'}page_size=100").data["results"]) == count
