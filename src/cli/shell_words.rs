//! The protocol's words as the shell's: methods as subcommands, members as options.

use clap::Command;

use crate::driver::members;
use crate::rpc::METHODS;

/// Parameters that messages name, and the options that they are in the shell.
const OPTIONS: &[(&str, &str)] = &[
    ("`dry_run`", "--dry-run"),
    ("`force`", "--force"),
    ("`output_dir`", "--output"),
    ("`pki_dir`", "--pki-dir"),
    ("`remove_orphans`", "--remove-orphans"),
    ("`replace`", "--replace"),
    ("`seal`", "--seal"),
    ("`timeout`", "--timeout"),
];

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

/// The option or argument that gives the member at `pointer`, where there is one.
pub(super) fn option(pointer: &str) -> Option<String> {
    let members: Vec<&str> = pointer.split('/').skip(1).collect();
    let (path, member) = match members.as_slice() {
        ["server", path @ ..] => return server_option(path),
        ["server_name" | "name"] => return Some("NAME".to_owned()),
        ["driver_id"] => return Some("DRIVER".to_owned()),
        ["image", "source"] => return Some("SOURCE".to_owned()),
        ["profile_name"] => return Some("--profile".to_owned()),
        ["image", member] => (["image", "import"], *member),
        ["provider", member @ "uri"] => (["provider", "write"], *member),
        ["provider"] => (["server", "list"], "provider"),
        ["image"] => (["server", "rescue"], "image"),
        ["size"] => (["server", "resize"], "size"),
        [member @ ("wait" | "timeout" | "seal")] => (["server", "create"], *member),
        [member @ ("force" | "pki_dir")] => (["server", "delete"], *member),
        ["directory"] => (["tls", "init"], "output"),
        ["hosts", ..] => (["tls", "init"], "host"),
        ["clients", ..] => (["tls", "init"], "client"),
        [member @ ("days" | "replace")] => (["tls", "init"], *member),
        [member @ ("bits" | "id")] => (["key", "generate"], *member),
        ["output_dir"] => (["key", "generate"], "output"),
        _ => return None,
    };
    let option = member.replace('_', "-");
    let command = find(super::command(), &path)?;
    command
        .get_arguments()
        .any(|argument| argument.get_long() == Some(option.as_str()))
        .then(|| format!("--{option}"))
}

/// The option that gives a server's member at `path`, by whatever names.
fn server_option(path: &[&str]) -> Option<String> {
    let steps: Vec<&str> = path
        .iter()
        .copied()
        .filter(|step| step.parse::<usize>().is_err())
        .collect();
    let found = members::find(&steps.join("/"));
    let member = found
        .into_iter()
        .find(|member| member.path.split('/').count() == steps.len())?;
    let option = |path: &str| members::member(path)?.option.clone();
    // one of what the option takes several of, and what it takes beside the first
    let several = || option(&format!("{}s", member.path));
    let within = || match member.path.rsplit_once('/') {
        Some((above, name)) if above == "disks" || name == "network" => option(above),
        _ => None,
    };
    member.option.clone().or_else(several).or_else(within)
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
            let found = find(crate::cli::command(), &path);
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
            ("/server/networks/0", Some("--network")),
            ("/server/network", Some("--network")),
            ("/server/size", Some("--size")),
            ("/server/flavor", Some("--size")),
            ("/server/disks/1/pool", Some("--disk")),
            ("/server/boot_volume/size", Some("--boot-volume")),
            ("/server/networks/0/network", Some("--network")),
            ("/server/server_name", Some("NAME")),
            ("/server_name", Some("NAME")),
            ("/timeout", Some("--timeout")),
            ("/provider/password", None),
            ("/server/networks/0/mac", None),
            ("/server/nonesuch", None),
        ] {
            assert_eq!(option(pointer).as_deref(), expected, "{pointer}");
        }
    }
}
