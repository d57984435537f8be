// The token that every changing request must carry: from the page's <meta>, or from a form on it.
export const csrfToken = () =>
  document.querySelector('meta[name="csrf-token"]')?.content ??
  document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ??
  "";
