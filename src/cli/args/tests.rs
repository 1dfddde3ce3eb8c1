use super::*;
use clap::CommandFactory;
use serde_json::Value;

use crate::rpc::METHODS;

fn settings() -> Settings {
    Settings {
        drivers: crate::drivers::registry(),
        salt_config_dir: "/nonexistent".into(),
        templates: "/nonexistent".into(),
        config_file: "/nonexistent/config.yaml".into(),
        state_dir: "/nonexistent".into(),
        cancel: crate::transaction::Cancel::default(),
        own: crate::cli::own_config::OwnConfig::default(),
    }
}

fn call(line: &str) -> Call {
    let words = std::iter::once("va-driver").chain(line.split_whitespace());
    let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
    cli.command.unwrap().call(&settings()).unwrap()
}

#[test]
fn the_command_line_is_sound() {
    crate::cli::command().debug_assert();
}

#[test]
fn what_a_subcommand_asks_for_fits_the_schema_of_its_method() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&key, "ssh-ed25519 AAAA a@b\n\n# mine\n").unwrap();
    let key = key.path().display();
    let seed = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        &seed,
        r#"{"uuid": "3b2f3f3c-6a0e-4b8e-9f5d-0e2f6f0c5a11", "hostname": "web-1"}"#,
    )
    .unwrap();
    let seed = seed.path().display();
    let uri = "--uri test:///default";
    let lines = [
        "version".to_owned(),
        "drivers".to_owned(),
        "steps libvirt".to_owned(),
        "validate libvirt --step -1".to_owned(),
        r#"validate libvirt --step 0 --values {"provider_name":"a"}"#.to_owned(),
        format!("provider status {uri}"),
        format!("provider data {uri}"),
        format!("provider networks {uri}"),
        format!("provider sec-groups {uri}"),
        format!("provider images {uri}"),
        format!("provider sizes {uri}"),
        format!("provider billing {uri}"),
        format!("provider render {uri} --profile p"),
        format!("provider write {uri} --name a --replace"),
        format!("provider import {seed} --dry-run"),
        format!("image show a {uri}"),
        format!("image delete a {uri} --pool b --dry-run"),
        format!("pool list {uri}"),
        format!("pool show a {uri}"),
        format!("pool create a {uri} --path /a --dry-run"),
        format!("pool start a {uri}"),
        format!("server list {uri} --full"),
        format!("server show web-1 {uri}"),
        format!("server plan web-1 {uri}"),
        format!(
            "server create web-1 {uri} --image a --size b --network c --network d --role e --clone full \
             --storage-disk 5 --ssh-key-file {key} --minion f --master g --master-finger h --pki-dir /i \
             --wait minion --timeout 9 --seal"
        ),
        format!("server create web-1 {uri} --dry-run"),
        format!("server start web-1 {uri}"),
        format!("server action web-1 reboot {uri} --timeout 0"),
        format!("server delete web-1 {uri} --pki-dir /a --force"),
        format!("server recover {uri}"),
        format!("image import /a.qcow2 {uri} --name a --pool b --format raw --sha256 c"),
        "key generate --bits 2048".to_owned(),
        "key generate --output /a --id web-1".to_owned(),
        format!("key accept web-1 {key}"),
        "key revoke web-1 --fingerprint ab:cd".to_owned(),
        format!("key revoke web-1 --key {key}"),
        format!("key fingerprint {key} --hash-type sha512"),
        format!("config-drive build --seed {seed} --output /a.iso --replace"),
        "tls init --output /a --host h --client c --days 9 --replace all".to_owned(),
    ];
    let mut asked = Vec::new();
    for line in lines {
        let call = call(&line);
        let method = METHODS
            .iter()
            .find(|method| method.name == call.method)
            .unwrap_or_else(|| panic!("{line}: no method {}", call.method));
        let schema = jsonschema::validator_for(method.request_schema().as_value()).unwrap();
        if let Err(error) = schema.validate(&Value::Object(call.params)) {
            panic!("{line}: {error}");
        }
        asked.push(call.method);
    }
    for method in METHODS {
        assert!(
            asked.contains(&method.name),
            "no subcommand for {}",
            method.name
        );
    }
}

#[test]
fn a_spec_holds_the_server_and_options_come_before_it() {
    let spec = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        &spec,
        "hostname: old\nimage: a\nnetwork: x\nminion: {id: m, grains: {b: 1}}\n",
    )
    .unwrap();
    let line = format!(
        "server create web-1 --uri test:///default --spec {} --network y --minion --master salt",
        spec.path().display()
    );
    assert_eq!(
        call(&line).params["server"],
        json!({
            "image": "a",
            "minion": {"id": "m", "grains": {"b": 1}, "master": "salt"},
            "server_name": "web-1",
            "networks": ["y"],
        })
    );
}

#[test]
fn a_private_key_is_not_taken_for_a_public_one() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&key, "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n").unwrap();
    let line = format!(
        "va-driver server create a --uri test:///default --ssh-key-file {}",
        key.path().display()
    );
    let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
    let error = cli.command.unwrap().call(&settings()).unwrap_err();
    assert!(error.message().contains(".pub") && !error.message().contains("hunter2"));
}

#[test]
fn a_dry_run_changes_nothing() {
    for line in [
        "server delete a --uri test:///default --dry-run",
        "server stop a --uri test:///default --dry-run",
        "server action a delete --uri test:///default --dry-run",
        "server recover --uri test:///default --dry-run",
        "provider write --uri test:///default --name a --dry-run",
        "image import a --uri test:///default --dry-run",
    ] {
        assert_eq!(call(line).params["dry_run"], true, "{line}");
        let done = line.strip_suffix(" --dry-run").unwrap();
        assert!(!call(done).params.contains_key("dry_run"), "{done}");
    }
    for line in [
        "key generate --dry-run",
        "tls init --output /a --host b --dry-run",
    ] {
        assert!(call(line).would.is_some(), "{line}");
    }
    let call = call("server create a --uri test:///default --dry-run");
    assert_eq!(call.method, "server.plan");
}

#[test]
fn providers_exclude_each_other() {
    for options in [
        "--provider a --uri b",
        "--provider a --provider-file b",
        "--provider-file a --uri b",
    ] {
        let line = format!("va-driver server list {options}");
        assert!(
            Cli::try_parse_from(line.split_whitespace()).is_err(),
            "{options}"
        );
    }
}

#[test]
fn every_option_of_a_servers_leads_to_its_member() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&key, "ssh-ed25519 AAAA a@b\n").unwrap();
    let key = key.path().display().to_string();
    let mut of_members = std::collections::BTreeSet::new();
    for member in crate::driver::members::server_members() {
        let Some(option) = &member.option else {
            continue;
        };
        let value = match member.path.as_str() {
            "clone" => "full",
            "ssh_keys" | "user_data" => key.as_str(),
            "minion/pki_dir" => "/pki",
            "boot_volume" | "disks" => "7",
            _ if member.unit.is_some() => "7",
            _ => "given",
        };
        let line = match option.strip_prefix("--") {
            Some(_) => format!("web-1 {option} {value}"),
            None => value.to_owned(),
        };
        let call = call(&format!("server create --uri test:///default {line}"));
        let steps = member.path.split('/');
        let found = steps.fold(&call.params["server"], |above, step| {
            above
                .get(0)
                .unwrap_or(above)
                .get(step)
                .unwrap_or(&Value::Null)
        });
        assert!(!found.is_null(), "{}: {:?}", member.path, call.params);
        of_members.insert(option.as_str());
    }
    // and every option but those of the call itself is some member's
    let of_call = [
        "--provider",
        "--provider-file",
        "--uri",
        "--os-cloud",
        "--region",
        "--spec",
        "--set",
        // the same member as --ssh-key-file
        "--ssh-key",
        "--wait",
        "--timeout",
        "--seal",
        "--dry-run",
    ];
    let command = Cli::command();
    let create = command.find_subcommand("server").unwrap();
    let create = create.find_subcommand("create").unwrap();
    for option in create.get_arguments().filter_map(clap::Arg::get_long) {
        let option = format!("--{option}");
        let known = of_members.contains(option.as_str()) || of_call.contains(&option.as_str());
        assert!(known, "{option} is no member's");
    }
}

#[test]
fn an_option_counts_over_the_spec_by_whatever_name_that_has_it() {
    let spec = tempfile::NamedTempFile::new().unwrap();
    let text = r#"{"name": "a", "flavor": "b", "security_group": "c", "nics": ["d"],
        "minion": {"minion_id": "e", "master": "f"}}"#;
    std::fs::write(&spec, text).unwrap();
    let spec = spec.path().display();
    let call = call(&format!(
        "server create web-1 --uri test:///default --spec {spec} --size g --sec-group h --network i \
         --minion j"
    ));
    assert_eq!(
        call.params["server"],
        json!({
            "server_name": "web-1", "size": "g", "sec_groups": ["h"], "networks": ["i"],
            "minion": {"id": "j", "master": "f"},
        })
    );
}

/// The commands in the indented blocks of the documentation: `va-driver` and what stands behind it, up to
/// what the shell takes.
fn documented() -> Vec<(String, Vec<String>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<_> = std::fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.push(root.join("README.md"));
    let mut commands = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap().replace("\\\n", " ");
        for line in text.lines().filter(|line| line.starts_with("    ")) {
            let line = line
                .trim()
                .trim_start_matches("$ ")
                .trim_start_matches("# ");
            let line = line.strip_prefix("sudo ").unwrap_or(line);
            if line.starts_with("va-driver ") {
                let page = page.file_name().unwrap().to_string_lossy();
                commands.push((format!("{page}: {line}"), words(line)));
            }
        }
    }
    commands
}

/// The words of a shell's `line`, as far as the documentation has such: quotes, `$(…)` as one word, the
/// end of the command at a comment or what leads on.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quote, mut depth) = (None, 0);
    for letter in line.chars() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) if depth == 0 => quote = Some(letter),
            ('(', None) => depth += 1,
            (')', None) => depth -= 1,
            (' ', None) if depth == 0 => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    let leads_on = |word: &String| ["|", ">", ">>", "<", "#", "&&", "&"].contains(&word.as_str());
    let end = words.iter().position(leads_on).unwrap_or(words.len());
    words.truncate(end);
    words
        .iter()
        .map(|word| word.trim_end_matches(';').to_owned())
        .collect()
}

#[test]
fn every_command_of_the_documentation_is_one_that_the_program_takes() {
    let commands = documented();
    assert!(commands.len() > 40, "{}", commands.len());
    for (place, words) in commands {
        // stands for what somebody else knows
        if words.iter().any(|word| word.contains('…')) {
            continue;
        }
        let parsed = crate::cli::command().try_get_matches_from(&words);
        if let Err(error) = parsed {
            assert!(!error.use_stderr(), "{place}: {error}");
        }
    }
}
