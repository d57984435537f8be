"""API paths of accounts."""

from django.urls import path

from accounts.api.views import people, security, sign_in, taxonomy, uploads

urlpatterns = [
    path("auth/register", sign_in.RegisterView.as_view(), name="register"),
    path("auth/login", sign_in.LoginView.as_view(), name="login"),
    path("auth/refresh", sign_in.RefreshView.as_view(), name="refresh"),
    path("auth/logout", sign_in.LogoutView.as_view(), name="logout"),
    path("auth/verify-email", sign_in.VerifyEmailView.as_view(), name="verify-email"),
    path("auth/resend-verification", sign_in.ResendVerificationView.as_view(), name="resend-verification"),
    path("auth/forgot-password", sign_in.ForgotPasswordView.as_view(), name="forgot-password"),
    path("auth/reset-password", sign_in.ResetPasswordView.as_view(), name="reset-password"),
    path("auth/change-password", sign_in.ChangePasswordView.as_view(), name="change-password"),
    path("auth/me", people.MeView.as_view(), name="me"),
    path("auth/sessions", sign_in.SessionListView.as_view(), name="sessions"),
    path("auth/sessions/<uuid:session_id>", sign_in.SessionView.as_view(), name="session"),
    path("account/security-events", security.SecurityEventListView.as_view(), name="security-events"),
    path("users", people.AccountListView.as_view(), name="users"),
    path("users/me", people.MeView.as_view(http_method_names=["get", "put", "head", "options"]), name="users-me"),
    path("users/location", people.LocationView.as_view(), name="users-location"),
    path("users/availability", people.AvailabilityView.as_view(), name="users-availability"),
    path("users/nearby", people.HelperListView.as_view(), name="users-nearby"),
    path("users/<int:user_id>", people.PublicUserView.as_view(), name="user"),
    path("freelancers", people.FreelancerListView.as_view(), name="freelancers"),
    path("freelancers/filters", people.FreelancerOptionsView.as_view(), name="freelancer-filters"),
    path("freelancers/<int:user_id>", people.FreelancerView.as_view(), name="freelancer"),
    path("skills", taxonomy.SkillListView.as_view(), name="skills"),
    path("categories", taxonomy.CategoryListView.as_view(), name="categories"),
    path("upload/profile", uploads.ProfilePictureView.as_view(), name="upload-profile"),
    path("upload/gig", uploads.GigPictureView.as_view(), name="upload-gig"),
    path("uploads", uploads.UploadView.as_view(), name="uploads"),
]
