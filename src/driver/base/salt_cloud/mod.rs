//! What the base does by Salt's own `salt-cloud`.
//!
//! Each call has a configuration directory of its own, with the master's settings, this one provider and,
//! for a creation, this one profile. The minion's key is made and accepted here, and not by Salt, which
//! overwrites another's of the same id and removes those that only begin alike.
//!
//! | file | concern |
//! |---|---|
//! | `master` | what Salt's configuration says, and where salt-cloud is |
//! | `workspace` | the configuration directory of a call |
//! | `needs` | which of Salt's drivers there are |
//! | `host` | a provider as salt-cloud knows it, and what it answers |
//! | `fault` | what a failure is, by what Salt says |
//! | `profile` | what was asked for, as a profile |
//! | `minion` | its keys, their acceptance, its first word |
//! | `note` | what is known of a server that was made here; one call at a time for each |
//! | `servers` | lists: images, sizes, functions, servers |
//! | `create` | a creation, and its undoing |
//! | `remove` | deletion and recovery |
//! | `action` | what can be done to a server |

mod action;
mod create;
mod fault;
mod host;
mod master;
mod minion;
mod needs;
mod note;
mod profile;
mod remove;
mod servers;
#[cfg(test)]
mod tests;
mod workspace;

pub(in crate::driver) use action::{act, can};
pub(in crate::driver) use create::{create, plan};
pub(in crate::driver) use host::Host;
pub(crate) use needs::lacking;
pub(in crate::driver) use remove::{delete, plan_deletion, plan_recovery, recover};
pub(crate) use servers::listed;
