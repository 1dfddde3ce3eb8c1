//! Drivers that are programs: an executable in `drivers.d` that speaks the protocol of `va-driver rpc`.
//!
//! A program is started when it is first asked something, and ends with the request of ours that it was
//! asked for: nothing that it keeps in memory meets another request, and a new file counts from the next
//! one on. What it does not do, the base does.
//!
//! | file | concern |
//! |---|---|
//! | `session` | a program that runs: one question at a time, and its answer |
//! | `message` | what it says, line by line |
//! | `profile` | what it says of itself, and the questions that it may be asked |
//! | `driver` | the program as a driver |
//! | `base` | what it leaves to the base |
//! | `answers` | servers and lists, which may say less of themselves than ours do |
//! | `minion` | creation and deletion: the minion's key is kept here, on the master |
//! | `salt_config` | its provider in Salt's configuration |

mod answers;
mod base;
mod driver;
mod message;
mod minion;
mod profile;
mod salt_config;
mod session;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Result;
use crate::decode::decode;
use crate::driver::{Context, Driver};
use profile::Profile;
use session::{Session, fault};

/// The driver `id` that the executable `path` is. Its file and directory are trusted already, and it is
/// not started for this.
pub(crate) fn open(path: &Path, id: &str) -> Arc<dyn Driver> {
    Arc::new(External::new(path, id))
}

/// A driver that is a program.
#[derive(Debug)]
struct External {
    id: String,
    file: PathBuf,
    started: OnceLock<Started>,
}

/// The program, once it has said what it is.
#[derive(Debug)]
struct Started {
    session: Session,
    profile: Profile,
}

impl External {
    fn new(file: &Path, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            file: file.to_owned(),
            started: OnceLock::new(),
        }
    }

    /// The program, which is started if it was not yet.
    fn started(&self, cx: &Context) -> Result<&Started> {
        if let Some(started) = self.started.get() {
            return Ok(started);
        }
        let session = Session::start(&self.id, &self.file)?;
        let profile = Profile::ask(&session, cx, &self.id)?;
        Ok(self.started.get_or_init(|| Started { session, profile }))
    }

    /// Whether it answers `method`.
    fn answers(&self, cx: &Context, method: &str) -> Result<bool> {
        Ok(self.started(cx)?.profile.answers(method))
    }

    /// Its answer to `method`.
    fn ask<T: DeserializeOwned>(&self, cx: &Context, method: &str, params: Value) -> Result<T> {
        let answer = self.started(cx)?.session.ask(cx, method, params)??;
        self.read(method, &answer)
    }

    /// `answer` as what `method` answers.
    fn read<T: DeserializeOwned>(&self, method: &str, answer: &Value) -> Result<T> {
        decode(answer, "/result").map_err(|error| {
            let what = format!("does not answer {method} as is documented: {error}");
            fault(&self.id, &self.file, &what)
        })
    }
}
