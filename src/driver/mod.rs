//! What a driver is.
