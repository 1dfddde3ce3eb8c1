//! A terminal, by tmux: what a person types there, and what stands on it then.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::skipped::skip;

/// How long a screen may take to show something; machines that test several things at once are slow.
const PATIENCE: Duration = Duration::from_secs(300);

/// A shell in a high terminal of 100 columns, with the program on its PATH.
#[derive(Debug)]
pub(crate) struct Screen {
    dir: tempfile::TempDir,
}

impl Screen {
    /// Starts it for a user whose home is `home`, with `variables`; none where there is no tmux.
    pub(crate) fn open(home: &Path, variables: &[(&str, &str)]) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            skip("there is no tmux");
            return None;
        }
        let program = Path::new(env!("CARGO_BIN_EXE_va-driver"));
        let path = program.parent().unwrap().display();
        let mut shell = Command::new("env");
        shell.args(["-i", "TERM=screen", "LANG=C.UTF-8", "PS1=$ "]);
        shell.arg(format!(
            "PATH={path}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        ));
        shell.arg(format!("HOME={}", home.display()));
        shell.args(
            variables
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        shell.arg("sh");
        let screen = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let mut start = screen.tmux();
        start.args([
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "100",
            "-y",
            "50",
            "-c",
        ]);
        start
            .arg(home)
            .arg(shell.get_program())
            .args(shell.get_args());
        assert!(start.status().unwrap().success());
        screen.wait_for("$");
        Some(screen)
    }

    fn tmux(&self) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.env_remove("TMUX")
            .arg("-S")
            .arg(self.dir.path().join("socket"));
        tmux
    }

    /// What stands on it.
    pub(crate) fn text(&self) -> String {
        let shown = self
            .tmux()
            .args(["capture-pane", "-p", "-J"])
            .output()
            .unwrap();
        String::from_utf8(shown.stdout).unwrap()
    }

    /// Waits until `text` stands on it.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Waits until the shell asks for the next command.
    pub(crate) fn wait_for_the_shell(&self) -> String {
        self.wait("the shell", |screen| screen.trim_end().ends_with("\n$"))
    }

    fn wait(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.text();
            if is_there(&screen) {
                return screen;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{what} does not come:\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Types `text`.
    pub(crate) fn types(&self, text: &str) {
        let typed = self.tmux().args(["send-keys", "-l", text]).status();
        assert!(typed.unwrap().success());
    }

    /// Presses keys, by tmux's names: `Enter`, `Escape`, `BSpace`, `C-c`.
    pub(crate) fn press(&self, keys: &[&str]) {
        let pressed = self.tmux().arg("send-keys").args(keys).status();
        assert!(pressed.unwrap().success());
    }

    /// Waits for the question that begins so, to be answered now.
    pub(crate) fn is_asked(&self, question: &str) -> String {
        let asked = format!("? {question}");
        // one that was gone back from stays there, with that mark
        let open = |line: &str| line.starts_with("? ") && !line.contains("(back)");
        self.wait(&asked, |screen| {
            let mut lines = screen.lines().rev().filter(|line| open(line));
            lines.next().is_some_and(|line| line.starts_with(&asked))
        })
    }

    /// Answers the question that begins with `question` by typing `text` and Enter.
    pub(crate) fn answers(&self, question: &str, text: &str) {
        let answered = format!("> {question}");
        let count = |screen: &str| {
            screen
                .lines()
                .filter(|line| line.starts_with(&answered))
                .count()
        };
        let before = count(&self.is_asked(question));
        self.types(text);
        self.press(&["Enter"]);
        self.wait(&answered, |screen| count(screen) > before);
    }

    /// Takes `text` back, and answers by nothing.
    pub(crate) fn empties(&self, question: &str, text: &str) {
        self.is_asked(&format!("{question} {text}"));
        for _ in text.chars() {
            self.press(&["BSpace"]);
        }
        self.answers(question, "");
    }

    /// Runs `command` on an empty screen; what stands there when it has ended.
    pub(crate) fn runs(&self, command: &str) -> String {
        self.clear();
        self.types(command);
        self.press(&["Enter"]);
        self.wait_for_the_shell()
    }

    /// Begins `command` on an empty screen.
    pub(crate) fn begins(&self, command: &str) {
        self.clear();
        self.types(command);
        self.press(&["Enter"]);
    }

    fn clear(&self) {
        self.types("clear");
        self.press(&["Enter"]);
        self.wait("an empty screen", |screen| screen.trim() == "$");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").status();
    }
}
