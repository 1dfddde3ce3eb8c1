//! The protocol's words as the shell's: methods as subcommands, members as options.

use clap::{Command, CommandFactory as _};

use super::args::Cli;
use crate::rpc::METHODS;

/// Parameters that messages name, and the options that they are in the shell.
const OPTIONS: &[(&str, &str)] = &[("`force`", "--force"), ("`replace`", "--replace")];

/// `text` with the shell's words.
pub(super) fn translate(text: &str) -> String {
    let mut text = text.to_owned();
    for method in METHODS.iter().filter(|method| method.name.contains('.')) {
        text = replace_word(&text, method.name, &subcommand(method.name));
    }
    for (parameter, option) in OPTIONS {
        text = text.replace(parameter, option);
    }
    text
}

/// The subcommand that is the method `name`.
fn subcommand(name: &str) -> String {
    let words = match name {
        "driver.list" => "drivers".to_owned(),
        "driver.steps" | "driver.validate" => name.replace("driver.", ""),
        name => name.replace('.', " ").replace('_', "-"),
    };
    format!("va-driver {words}")
}

/// `text` with each `word` that is no part of a longer one replaced by `by`.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || "_-./\"".contains(c);
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        replaced.push_str(before);
        // a full stop that ends a sentence is no part of it
        let goes_on = after.trim_start_matches('.').starts_with(part);
        let alone = !before.ends_with(part) && !goes_on;
        replaced.push_str(if alone { by } else { word });
        rest = after;
    }
    replaced + rest
}

/// The option that gives the member at `pointer`, where there is one of its name.
pub(super) fn option(pointer: &str) -> Option<String> {
    let members: Vec<&str> = pointer.split('/').skip(1).collect();
    let (path, member) = match members.as_slice() {
        ["server", member] | ["server", "minion", member] => (["server", "create"], member),
        ["image", member] => (["image", "import"], member),
        ["provider", member @ "uri"] => (["server", "list"], member),
        _ => return None,
    };
    let option = member.replace('_', "-");
    let command = find(Cli::command(), &path)?;
    command
        .get_arguments()
        .any(|argument| argument.get_long() == Some(option.as_str()))
        .then(|| format!("--{option}"))
}

fn find(command: Command, path: &[&str]) -> Option<Command> {
    path.iter().try_fold(command, |command, name| {
        command.find_subcommand(name).cloned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_a_subcommand() {
        for method in METHODS.iter().filter(|method| method.name.contains('.')) {
            let words = subcommand(method.name);
            let path: Vec<_> = words.split(' ').skip(1).collect();
            let found = find(Cli::command(), &path);
            // any action is one of several subcommands
            assert!(found.is_some() || method.name == "server.action", "{words}");
        }
    }

    #[test]
    fn the_protocols_words_become_the_shells() {
        for (text, expected) in [
            (
                "`provider.sec_groups` lists",
                "`va-driver provider sec-groups` lists",
            ),
            (
                "server.recover removes it",
                "va-driver server recover removes it",
            ),
            ("see driver.list.", "see va-driver drivers."),
            ("no server \"server.list\"", "no server \"server.list\""),
            (
                "/a/server.list my-server.list server.lists",
                "/a/server.list my-server.list server.lists",
            ),
            ("say `replace`", "say --replace"),
        ] {
            assert_eq!(translate(text), expected);
        }
    }

    #[test]
    fn a_member_is_known_by_its_option() {
        for (pointer, expected) in [
            ("/server/image", Some("--image")),
            ("/server/storage_disk", Some("--storage-disk")),
            ("/server/minion/master", Some("--master")),
            ("/image/pool", Some("--pool")),
            ("/provider/uri", Some("--uri")),
            ("/provider/password", None),
            ("/server/networks/0", None),
            ("/server_name", None),
        ] {
            assert_eq!(option(pointer).as_deref(), expected, "{pointer}");
        }
    }
}
