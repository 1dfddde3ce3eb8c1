//! What the services answer: only the members that are used here, and each that a cloud may leave out
//! is optional.

pub(crate) mod compute;
pub(crate) mod image;
pub(crate) mod network;
pub(crate) mod volume;
