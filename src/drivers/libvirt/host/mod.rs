//! A connection to a libvirt host: where it is, how calls to it end in bounded time, and what its
//! errors mean.
//!
//! [`HostUri`] says what to connect to, [`Host`] is the connection. libvirt itself has no deadlines,
//! and a peer that vanishes without a word blocks a call for as long as TCP likes; every call
//! therefore runs on a thread of its own, which is left behind when its time is up.
//!
//! | file | concern |
//! |---|---|
//! | `connection` | opening, calls, closing, each within its limit |
//! | `calls` | how many calls of a connection are on their way |
//! | `link` | one connection of libvirt's, and what it is good for |
//! | `kept` | connections that a session keeps from one request to the next |
//! | `held` | libvirt's objects, kept from one call to the next |
//! | `node` | what the host is and what it can run |
//! | `worker` | a piece of work on a thread of its own |
//! | `reach` | whether anything answers at a port, before libvirt tries |
//! | `errors` | libvirt's errors as this program's |
//! | `credentials` | name and password (SASL) |
//! | `events` | libvirt's event loop, for keepalive |
//! | `uri` | what to connect to |
//! | `test_file` | the file that describes libvirt's built-in test host |

mod calls;
mod connection;
mod credentials;
pub(crate) mod errors;
mod events;
mod held;
mod kept;
mod link;
mod node;
mod reach;
mod test_file;
#[cfg(test)]
mod tests;
mod uri;
mod worker;

pub(crate) use calls::at_once;
pub(crate) use connection::{Host, Limits};
pub(crate) use credentials::Credentials;
pub(crate) use held::Held;
pub(crate) use kept::keep;
pub(super) use node::is_x86;
pub(crate) use uri::{Fields, HostUri, Transport};
