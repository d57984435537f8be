// Tells the server the reader's time zone, so that deadlines are shown on their clock from the first day.
for (const input of document.querySelectorAll("input[data-time-zone]")) {
  input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
