//! A connection to a libvirt host: where it is, how calls to it end in bounded time, and what its
//! errors mean.
//!
//! [`HostUri`] says what to connect to, [`Host`] is the connection. libvirt itself has no deadlines,
//! and a peer that vanishes without a word blocks a call for as long as TCP likes; every call
//! therefore runs on a thread of its own, which is left behind when its time is up.

mod connection;
mod credentials;
pub mod errors;
mod events;
mod reach;
#[cfg(test)]
mod tests;
mod uri;
mod worker;

pub use connection::{Host, Limits};
pub use credentials::Credentials;
pub use uri::{Fields, HostUri, Transport};
