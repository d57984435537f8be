"""Who walks, and what they bring."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.tests.factories import PASSWORD, ClientFactory, FreelancerFactory, SkillFactory, UserFactory
from tests.architecture import world
from tests.architecture.described import Description, Reader

LABELS = world.LABELS | {"estimated_duration": "3 weeks", "skills": ["Figma"], "deadline": "2099-01-01"}
BOXES = world.BOXES | {"category": "moving-carrying", "starts_at": "2099-01-01T10:00:00Z"}
HERE = world.HERE


class Cast:
    """The people of the walk, each with a client of their own."""

    def __init__(self, description: Description) -> None:
        def reader(person: Any) -> Reader:
            return Reader(description).sign_in(person.email, PASSWORD)

        skills = [SkillFactory.create(name="Figma")]
        self.client_person = ClientFactory.create(placed=True)
        self.freelancer_person = FreelancerFactory.create(placed=True)
        profile = self.freelancer_person.freelancer_profile
        profile.skills.set(skills)
        self.client, self.freelancer = reader(self.client_person), reader(self.freelancer_person)
        self.staff = reader(UserFactory.create(staff=True))
        self.stranger = Reader(description)


def picture_file() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (40, 30), "white").save(content, "PNG")
    return SimpleUploadedFile("picture.png", content.getvalue(), "image/png")
