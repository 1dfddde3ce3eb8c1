//! The members of a server: what there is to say of each, and which of them a driver takes.
//!
//! They are declared once, in `server_spec`. A driver states what it takes; [`ServerMembers::check`]
//! refuses the rest by name, and no driver makes a server without having passed it.
//!
//! | file | concern |
//! |---|---|
//! | `table` | every member with its synonyms, type, unit and documentation, out of its JSON Schema |
//! | `taken` | what a driver does with each, and the refusal of the rest |

mod table;
mod taken;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use table::{Member, find, member, server_members};
pub use taken::{CheckedServer, Reasons, ServerMembers, Treatment};
