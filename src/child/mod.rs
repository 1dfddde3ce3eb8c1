//! Child processes: one that runs to its end, or one that is held by its pipes.
//!
//! A child leads a process group of its own, which ends as a whole: TERM, then KILL. What it says is
//! bounded, what it says on stderr goes to the log without the secrets that it was given, and of this
//! program's environment it sees PATH, HOME and LANG.
//!
//! | file | concern |
//! |---|---|
//! | `program` | what is started, and with what |
//! | `process` | a process group from its start to its end |
//! | `run` | a child that runs to its end |
//! | `held` | a child that is spoken with, line by line |
//! | `stderr` | what it says on stderr: into the log, and the last of it kept |

mod held;
mod process;
mod program;
mod run;
mod stderr;
#[cfg(test)]
mod tests;

pub(crate) use held::Held;
pub(crate) use program::{Program, find};
#[cfg(test)]
pub(crate) use run::Output;
pub(crate) use run::{Input, Limits};
