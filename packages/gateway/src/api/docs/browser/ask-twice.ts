/** How long a first click is remembered, ms. */
const patience = 6_000;

/** Whether this is the second click on a button for a request that loses something; the first only asks. */
export function confirmed(button: HTMLButtonElement, note: HTMLElement, question: string): boolean {
  const again = button.dataset.asked === question;
  forget(button, note);
  if (again) return true;
  button.dataset.asked = question;
  note.textContent = question;
  const timer = setTimeout(() => forget(button, note), patience);
  button.dataset.timer = String(timer);
  return false;
}

function forget(button: HTMLButtonElement, note: HTMLElement): void {
  clearTimeout(Number(button.dataset.timer));
  delete button.dataset.asked;
  note.textContent = "";
}
