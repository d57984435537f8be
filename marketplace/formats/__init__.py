"""How dates are written where no page says so: in the lists of the staff console."""
