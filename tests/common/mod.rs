//! Starts the program as its callers do, and reads what it says.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod bed;
mod bed_guard;
pub(crate) mod dispositions;
pub(crate) mod faults;
pub(crate) mod master;
pub(crate) mod openstack;
pub(crate) mod screen;
pub(crate) mod skipped;
pub(crate) mod traced;

use std::collections::HashMap;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Output, Stdio};

use serde_json::{Map, Value, json};

/// The program, away from this machine's own settings: the one that is built for tests, or `VA_PROGRAM`.
pub(crate) fn program(state: &Path) -> Command {
    dispositions::heed_interrupts();
    let named = std::env::var_os("VA_PROGRAM");
    let mut command = Command::new(named.unwrap_or_else(|| env!("CARGO_BIN_EXE_va-driver").into()));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", state)
        .env("VA_DRIVER_STATE_DIR", state)
        .env("VA_DRIVER_TEMPLATES", state.join("templates"))
        .env("VA_DRIVER_DRIVERS", state.join("drivers.d"))
        .env("VA_DRIVER_CONFIG", state.join("config.yaml"))
        .env("SALT_CONFIG_DIR", state.join("salt"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program with `args` and nothing on stdin.
pub(crate) fn run(args: &[&str]) -> Output {
    run_with_input(args, b"")
}

/// Runs the program with `args` and `input` on stdin.
pub(crate) fn run_with_input(args: &[&str], input: &[u8]) -> Output {
    let state = tempfile::tempdir().unwrap();
    run_in(state.path(), args, input)
}

/// The same with the program's own files in `state`.
pub(crate) fn run_in(state: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut command = program(state);
    let mut child = command.args(args).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that ends early has closed it.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().unwrap()
    })
}

/// The lines of `output`, each as JSON.
pub(crate) fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// One request to a program of its own.
pub(crate) struct Call {
    method: String,
    params: Map<String, Value>,
}

impl Call {
    pub(crate) fn new(method: &str) -> Self {
        Self {
            method: method.to_owned(),
            params: Map::new(),
        }
    }

    /// With the parameter `name`.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// The request as a line.
    pub(crate) fn line(&self, id: impl Into<Value>) -> String {
        let id = id.into();
        json!({"jsonrpc": "2.0", "id": id, "method": self.method, "params": self.params})
            .to_string()
            + "\n"
    }

    /// The answer.
    pub(crate) fn run(self) -> Value {
        let state = tempfile::tempdir().unwrap();
        self.run_in(state.path())
    }

    /// The answer of a program that has its own files in `state`.
    pub(crate) fn run_in(self, state: &Path) -> Value {
        let output = run_in(state, &["rpc"], self.line(1).as_bytes());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{:?}: {said}", output.status);
        let mut answers = lines(&output);
        assert_eq!(answers.len(), 1);
        let answer = answers.remove(0);
        assert_eq!(answer["id"], 1);
        assert_eq!(answer["jsonrpc"], "2.0");
        answer
    }

    /// The result of an answer that is no error.
    pub(crate) fn result(self) -> Value {
        let mut answer = self.run();
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].take()
    }

    /// The error of an answer that is one.
    pub(crate) fn error(self) -> Value {
        let mut answer = self.run();
        assert!(answer.get("result").is_none(), "{answer}");
        answer["error"].take()
    }
}

/// A program that serves `rpc` and is talked to.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) stdout: Option<BufReader<ChildStdout>>,
    stderr: ChildStderr,
    state: Option<tempfile::TempDir>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let state = tempfile::tempdir().unwrap();
        let mut server = Self::start_in(state.path());
        server.state = Some(state);
        server
    }

    /// The same with its own files in `state`.
    pub(crate) fn start_in(state: &Path) -> Self {
        let mut command = program(state);
        Self::of(command.arg("rpc").stdin(Stdio::piped()).spawn().unwrap())
    }

    /// One that was started with pipes.
    pub(crate) fn of(mut child: Child) -> Self {
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().map(BufReader::new),
            stderr: child.stderr.take().unwrap(),
            child,
            state: None,
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    pub(crate) fn receive(&mut self) -> Value {
        let mut line = String::new();
        let stdout = self.stdout.as_mut().unwrap();
        stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// The one answer of a program that is told no more; none where it ends without.
    pub(crate) fn answer(mut self) -> Option<Value> {
        self.stdin.take();
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        self.child.wait().unwrap();
        serde_json::from_str(&line).ok()
    }

    /// The most memory that it ever held, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it holds, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.unwrap().split_whitespace().nth(1).unwrap();
        number.parse().unwrap()
    }

    /// How many threads and open files it has, and how much memory, in KiB.
    pub(crate) fn holds(&self) -> (usize, usize, u64) {
        let of = |what: &str| {
            let path = format!("/proc/{}/{what}", self.child.id());
            std::fs::read_dir(path).unwrap().count()
        };
        (of("task"), of("fd"), self.memory())
    }

    /// Its exit code, and what it said on stderr.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (code, said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where a test failed it still runs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Puts a program into `bin` that is the text `script`, in the place of the one of that name.
pub(crate) fn stand_in(bin: &Path, name: &str, script: &str) {
    let file = bin.join(name);
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
}

/// The directory of the tests.
pub(crate) fn tests_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// What `command`, which must succeed, prints.
pub(crate) fn printed(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {said}");
    String::from_utf8(done.stdout).unwrap()
}

/// What a bed's `env` file says.
pub(crate) fn env_file(path: &Path) -> HashMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
