//! What to connect to, as a URI that libvirt understands and that runs no program of a caller's
//! choosing.
//!
//! The URIs are described at <https://libvirt.org/uri.html>.
//!
//! | file | concern |
//! |---|---|
//! | `fields` | the members of a provider that say where its host is, made a URI |
//! | `parse` | a whole URI from outside, checked |
//! | `allowed` | the characters that each part may hold |
//! | `address` | `host_ip`: name or address, port, user |
//! | `host_uri` | the URI itself, and what of it this program needs to know |
//! | `parameters` | the query, as libvirt reads it |

mod address;
mod allowed;
mod fields;
mod host_uri;
mod parameters;
mod parse;
#[cfg(test)]
mod tests;

pub(crate) use fields::Fields;
pub(crate) use host_uri::{HostUri, Transport};
