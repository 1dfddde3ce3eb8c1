//! What the guest reads at its first boot.
