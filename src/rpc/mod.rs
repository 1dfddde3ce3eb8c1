//! JSON-RPC 2.0 on stdin and stdout.
//!
//! A [`Service`] runs any method ([`METHODS`]); a [`Session`] reads
//! requests from a stream, one a line, and writes their answers. The shell's subcommands go through
//! the same service, so that there is one road to each operation.
//!
//! | file or folder | concern |
//! |---|---|
//! | `session` | requests from a stream, and their answers to another |
//! | `lines`, `strict_json`, `envelope` | a line, its JSON, and the request in it |
//! | `dispatch`, `methods` | a method found by its name and run; the methods themselves |
//! | `service` | what methods are given |
//! | `error_object` | errors as answers carry them |
//! | `progress` | progress, told at most so often |
//! | `schema`, `method_schema` | JSON Schemas of the protocol |
//! | `fake_driver` | a driver for tests |

mod dispatch;
mod envelope;
mod error_object;
#[cfg(fuzzing)]
#[path = "../../fuzz/inside/rpc.rs"]
pub(crate) mod fuzzing;
mod lines;
mod method_schema;
mod methods;
mod progress;
pub(crate) mod schema;
mod service;
mod session;
mod strict_json;

pub(crate) use error_object::ErrorObject;
pub use methods::METHODS;
pub(crate) use service::Service;
pub(crate) use session::{Ended, Session};
pub(crate) use strict_json::parse as parse_json;

/// The versions of the protocol that this program speaks.
pub(crate) const PROTOCOL_VERSIONS: [&str; 1] = ["1"];

#[cfg(test)]
mod fake_driver;
