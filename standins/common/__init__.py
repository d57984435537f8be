"""What the stand-ins share: options, the process, the store, faults, deliveries and control calls."""
