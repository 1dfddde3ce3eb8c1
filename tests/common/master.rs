//! The machine that the program runs on: its own files, and a Salt master's keys.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Call, Server};

/// A state directory and a `pki_dir`, gone when dropped.
#[derive(Debug)]
pub(crate) struct Master {
    dir: tempfile::TempDir,
}

impl Master {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("pki/minions")).unwrap();
        fs::create_dir(dir.path().join("state")).unwrap();
        Self { dir }
    }

    /// Where the program keeps its journals.
    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// The master's `pki_dir`.
    pub(crate) fn pki(&self) -> PathBuf {
        self.dir.path().join("pki")
    }

    /// A minion whose key is accepted here.
    pub(crate) fn minion(&self) -> Value {
        json!({"pki_dir": self.pki(), "keysize": 2048, "master": "10.9.8.7"})
    }

    /// A path for a test's own files.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What the master has accepted, and what creations have written down and not finished.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let mut found = names(&self.pki().join("minions"));
        found.extend(names(&self.state().join("journal")));
        found
    }

    /// How many journals say something. One that could be emptied and not removed says nothing, and goes later.
    pub(crate) fn journals(&self) -> usize {
        let folder = self.state().join("journal");
        let texts = names(&folder)
            .into_iter()
            .map(|name| fs::metadata(folder.join(name)));
        texts.flatten().filter(|text| text.len() > 0).count()
    }

    /// The answer: a result, or the error.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Result<Value, Value> {
        let mut answer = request(method, params).run_in(&self.state());
        match answer.get("error") {
            Some(_) => Err(answer["error"].take()),
            None => Ok(answer["result"].take()),
        }
    }

    /// The result of a call that succeeds.
    pub(crate) fn ok(&self, method: &str, params: &Value) -> Value {
        self.call(method, params)
            .unwrap_or_else(|error| panic!("{method}: {error:#}"))
    }

    /// The error of a call that fails with the kind `kind`.
    pub(crate) fn fails(&self, kind: &str, method: &str, params: &Value) -> Value {
        match self.call(method, params) {
            Ok(result) => panic!("{method} succeeds: {result:#}"),
            Err(error) => {
                assert_eq!(error["data"]["kind"], kind, "{error:#}");
                error
            }
        }
    }

    /// The answer of a program that goes on, as [`Master::call`].
    pub(crate) fn ask(server: &mut Server, method: &str, params: &Value) -> Result<Value, Value> {
        server.send(request(method, params).line(1).as_bytes());
        let mut answer = server.receive();
        match answer.get("error") {
            Some(_) => Err(answer["error"].take()),
            None => Ok(answer["result"].take()),
        }
    }

    /// A program that is at work on one request.
    pub(crate) fn start(&self, method: &str, params: &Value) -> Server {
        let mut server = Server::start_in(&self.state());
        server.send(request(method, params).line(1).as_bytes());
        server
    }
}

pub(super) fn request(method: &str, params: &Value) -> Call {
    let members = params.as_object().unwrap();
    members
        .iter()
        .fold(Call::new(method), |call, (name, value)| {
            call.with(name, value.clone())
        })
}

/// The names of the files in `dir`.
fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
