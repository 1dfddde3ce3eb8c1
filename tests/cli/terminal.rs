//! The wizard, in a terminal.

use std::fs;

use crate::common::screen::Screen;

#[test]
fn the_wizard_goes_back_and_forth_and_loses_nothing_where_nothing_can_be_written() {
    let home = tempfile::tempdir().unwrap();
    // nobody can make a directory below a file, not even root
    let salt = home.path().join("a-file");
    fs::write(&salt, "").unwrap();
    let salt = salt.to_str().unwrap();
    let Some(screen) = Screen::open(home.path(), &[("SALT_CONFIG_DIR", salt)]) else {
        return;
    };
    screen.begins("va-driver wizard libvirt");
    screen.is_asked("Provider name");
    screen.types("../x");
    screen.press(&["Enter"]);
    screen.wait_for("# Provider name: ");
    screen.press(&["BSpace", "BSpace", "BSpace", "BSpace"]);
    screen.answers("Provider name", "mine");
    screen.answers("Username", "somebody");
    screen.answers("Password", "hunter2");
    screen.is_asked("Location");
    // back to what nobody needs here
    screen.press(&["Escape"]);
    screen.is_asked("Password");
    screen.press(&["Escape"]);
    screen.empties("Username", "somebody");
    screen.answers("Password", "leave it empty");
    screen.answers("Location", "");
    screen.answers("Host", "localhost");
    screen.answers("Protocol", "tes");
    screen.answers("Connection URI", "");
    screen.answers("Certificates", "");
    screen.wait_for("Network & security group (2/3)");
    for question in [
        "Default network",
        "Storage pool",
        "Default image",
        "Default size",
    ] {
        screen.answers(question, "");
    }
    screen.answers("What now?", "into Salt");
    let refused = screen.wait_for("error: ");
    assert!(!refused.contains("hunter2"), "{refused}");
    screen.answers("What now?", "a file of its own");
    screen.answers("The file", "");
    let end = screen.wait_for_the_shell();
    assert!(end.contains("wrote mine.yaml"), "{end}");
    assert!(
        end.contains("va-driver provider status --provider-file mine.yaml"),
        "{end}"
    );
    let status = screen.runs("va-driver provider status --provider-file mine.yaml");
    assert!(
        status.contains("vm answers") || status.contains("success  yes"),
        "{status}"
    );

    screen.begins("va-driver wizard libvirt");
    screen.is_asked("Provider name");
    screen.press(&["C-c"]);
    let end = screen.wait_for_the_shell();
    assert!(end.contains("nothing was written"), "{end}");
}
