from django import forms

from reviews.rules import MAX_COMMENT


class ReviewForm(forms.Form):
    rating = forms.TypedChoiceField(
        label="How was it", choices=[(str(n), str(n)) for n in range(1, 6)], coerce=int, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        label="In your words",
        max_length=MAX_COMMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What went well, and what should the next person know.",
    )
