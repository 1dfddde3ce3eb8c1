//! What the services answer: only the members that are used here, and each that a cloud may leave out
//! is optional.

pub(super) mod compute;
pub(super) mod image;
pub(super) mod network;
pub(super) mod volume;
