//! Certificates for `qemu+tls`.
//!
//! [`tls_init`] makes what libvirt's TLS transport needs, in a folder of this layout:
//!
//! ```text
//! ca/cacert.pem, cakey.pem                                    the authority; its key stays here
//! server/<first host>/cacert.pem, servercert.pem, serverkey.pem   to be copied to the host
//! client/<name>/cacert.pem, clientcert.pem, clientkey.pem         usable as `pkipath` in a URI
//! ```
//!
//! File names and places on the host are libvirt's (<https://libvirt.org/kbase/tlscerts.html>).
//!
//! | file | concern |
//! |---|---|
//! | `names` | which names go into a certificate |
//! | `authority` | the CA: made, or read again |
//! | `leaf` | server and client certificates: minted, or found good |
//! | `layout` | which files there are, and where they belong |
//! | `init` | the protocol's `tls.init` |

mod authority;
mod init;
pub(crate) mod layout;
mod leaf;
mod names;

pub(crate) use init::DEFAULT_CLIENT;
pub use init::{Replace, TlsInit, TlsInitialised, tls_init};
pub(crate) use layout::Placed;
