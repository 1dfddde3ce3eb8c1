//! What makes a shell's user feel at home: shapes of results, names that are near, several things at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::common::{program, run, stand_in};
use crate::{TEST, json_of, stderr, stdout, with};

/// Runs `args` with the program's own files in `state`, and `variables`.
fn run_with(state: &Path, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = program(state);
    command.args(args).envs(variables.iter().copied());
    command.output().unwrap()
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// Writes `~/.config/va-driver/config.yaml`.
fn configure(state: &Path, text: &str) {
    let dir = state.join(".config/va-driver");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("config.yaml"), text).unwrap();
}

/// Writes a file of providers of Salt's.
fn providers(state: &Path, name: &str, text: &str) -> PathBuf {
    let folder = state.join("salt/cloud.providers.d");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn results_take_the_shape_that_is_asked_for() {
    let state = tempfile::tempdir().unwrap();
    let list = |variables: &[(&str, &str)], more: &[&str]| {
        let args = [&["server", "list"], &TEST[..], more].concat();
        run_with(state.path(), variables, &args)
    };
    assert_eq!(stdout(&list(&[], &["-o", "name"])), "test\n");
    assert!(stdout(&list(&[], &["-o", "yaml"])).starts_with("servers:\n- hostname: test\n"));
    let id = json_of(&list(&[], &["-o", "json"]))["servers"][0]["id"].clone();
    let id = id.as_str().unwrap().to_owned();
    assert!(!stdout(&list(&[], &["-o", "table"])).contains(&id));
    assert!(stdout(&list(&[], &["--output=wide"])).contains(&id));
    let table = [("VA_DRIVER_FORMAT", "table")];
    assert!(stdout(&list(&table, &[])).starts_with("NAME"));
    assert_eq!(stdout(&list(&table, &["-o", "name"])), "test\n");
    let wrong = list(&[("VA_DRIVER_FORMAT", "tabel")], &[]);
    assert_eq!(wrong.status.code(), Some(3), "{wrong:?}");
    configure(state.path(), "format: name\n");
    assert_eq!(stdout(&list(&[], &[])), "test\n");
    assert!(stdout(&list(&table, &[])).starts_with("NAME"));
    let error = with(&["server", "show", "absent", "-o", "yaml"], &TEST);
    assert!(stdout(&error).starts_with("error:\n"), "{error:?}");
    // where --output is a file, it stays one
    let made = run(&[
        "key",
        "generate",
        "--bits",
        "2048",
        "--output-format",
        "yaml",
    ]);
    assert!(stdout(&made).starts_with("private_key:"), "{made:?}");
}

#[test]
fn on_forty_columns_nothing_is_longer_and_no_word_is_broken() {
    let state = tempfile::tempdir().unwrap();
    let narrow = [("COLUMNS", "40")];
    for args in [
        &["server", "list", "-o", "table"][..],
        &["provider", "data", "-o", "table"],
        &["server", "show", "absent"],
        &["server", "delete", "test"],
    ] {
        let output = run_with(state.path(), &narrow, &[args, &TEST].concat());
        for line in stdout(&output).lines().chain(stderr(&output).lines()) {
            assert!(line.chars().count() <= 40, "{args:?}: {line}");
        }
    }
    let output = run_with(
        state.path(),
        &narrow,
        &["explain", "firmware", "-o", "table"],
    );
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_name_that_was_meant_is_told() {
    let state = tempfile::tempdir().unwrap();
    let lab = "kvm-lab: {driver: va_libvirt, uri: 'test:///default'}\n";
    providers(state.path(), "kvm.conf", lab);
    let create = "server create a --image b --uri test:///default";
    for (line, meant) in [
        ("server show tset --uri test:///default".to_owned(), "test"),
        ("server stop tes --uri test:///default".to_owned(), "test"),
        (format!("{create} --size va-smal"), "va-small"),
        (
            format!("{create} --size va-small --network defualt"),
            "default",
        ),
        ("provider status --provider kvm-lap".to_owned(), "kvm-lab"),
        ("provider status --provider kvm".to_owned(), "kvm-lab"),
        ("steps libvrt".to_owned(), "libvirt"),
    ] {
        let output = run_with(state.path(), &[], &words(&line));
        assert!(!output.status.success());
        let expected = format!("did you mean {meant}");
        assert!(
            stderr(&output).contains(&expected),
            "{line}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn errors_name_what_the_shell_has_and_no_members() {
    let create = "server create a --image b";
    for (line, said, unsaid) in [
        (
            format!("{create} --size nonesuch"),
            "option: --size",
            "/server/size",
        ),
        (
            format!("{create} --size va-small --network nonesuch"),
            "option: --network",
            "/server/networks",
        ),
        (
            "server show absent".to_owned(),
            "argument: NAME",
            "server.list",
        ),
        ("server delete test".to_owned(), "--force", "`force`"),
    ] {
        let output = with(&words(&line), &TEST);
        let told = stderr(&output);
        assert!(
            told.contains(said) && !told.contains(unsaid),
            "{line}: {told}"
        );
    }
}

#[test]
fn a_default_provider_of_ones_own_counts_where_nothing_else_says_one() {
    let state = tempfile::tempdir().unwrap();
    let run = |variables: &[(&str, &str)], args: &[&str]| run_with(state.path(), variables, args);
    configure(state.path(), "# mine\n");
    assert_eq!(run(&[], &["server", "recover"]).status.code(), Some(3));
    configure(state.path(), "uri: test:///default\n");
    let listed = run(&[], &["server", "list"]);
    assert_eq!(
        stderr(&listed),
        "",
        "it was asked for, so nothing is to be noted"
    );
    assert!(run(&[], &["server", "stop", "test"]).status.success());
    let elsewhere = [(
        "VA_DRIVER_URI",
        "qemu+unix:///system?socket=/nonexistent/sock",
    )];
    assert_eq!(run(&elsewhere, &["server", "list"]).status.code(), Some(6));
    for wrong in ["urk: test:///default\n", "uri: a\nprovider: b\n", "[]\n"] {
        configure(state.path(), wrong);
        let output = run(&[], &["server", "list"]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(stderr(&output).contains("config.yaml"), "{output:?}");
        // whoever calls by the protocol names the provider
        assert!(run(&[], &["rpc"]).status.success());
    }
}

#[test]
fn a_region_that_is_said_is_that_of_the_cloud_wherever_the_cloud_is_said() {
    let state = tempfile::tempdir().unwrap();
    let clouds = state.path().join(".config/openstack");
    fs::create_dir_all(&clouds).unwrap();
    let regions = json!([
        {"name": "one", "values": {"interface": "internal"}},
        {"name": "two", "values": {"interface": "admin"}},
    ]);
    let auth = json!({"auth_url": "https://{region_name}.example/v3"});
    let lab = json!({"clouds": {"lab": {"auth": auth, "regions": regions}}});
    fs::write(clouds.join("clouds.yaml"), lab.to_string()).unwrap();
    let show = |args: &[&str]| {
        let args = [&["provider", "show"], args].concat();
        let provider = json_of(&run_with(state.path(), &[], &args))["provider"].take();
        ["interface", "region_name"].map(|member| provider[member].clone())
    };
    assert_eq!(show(&["--os-cloud", "lab"])[0], "internal");
    let two = [json!("admin"), json!("two")];
    assert_eq!(show(&["--os-cloud", "lab", "--region", "two"]), two);
    configure(state.path(), "os_cloud: lab\n");
    assert_eq!(show(&["--region", "two"]), two);
}

#[test]
fn what_one_of_several_servers_comes_to_does_not_touch_the_others() {
    let output = with(&["server", "stop", "absent", "test"], &TEST);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let answer = json_of(&output);
    let [first, second] = [0, 1].map(|at| &answer["results"][at]);
    assert_eq!(
        (&first["server_name"], &first["outcome"]),
        (&json!("absent"), &json!("failed"))
    );
    assert_eq!(first["error"]["data"]["kind"], "not_found");
    assert_eq!(
        (&second["server_name"], &second["outcome"]),
        (&json!("test"), &json!("done"))
    );
    assert_eq!(second["result"]["changed"], true);
    assert_eq!(answer["ok"], false);
    assert!(
        stderr(&output).contains("absent: there is no server"),
        "{output:?}"
    );
    let told = with(
        &[
            "server",
            "delete",
            "test",
            "absent",
            "--force",
            "--dry-run",
            "-o",
            "table",
        ],
        &TEST,
    );
    assert!(told.status.success(), "{told:?}");
    assert!(
        stdout(&told).contains("NAME    OUTCOME"),
        "{}",
        stdout(&told)
    );
}

#[test]
fn a_file_of_several_servers_is_read_in_either_form_and_refused_as_a_whole_where_it_is_wrong() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("all.yaml");
    let plan = |text: &str, more: &[&str]| {
        fs::write(&file, text).unwrap();
        let args = ["server", "plan", "--spec", file.to_str().unwrap()];
        with(&[&args, more].concat(), &TEST)
    };
    for text in [
        "- {server_name: a, size: va-small}\n- {name: b, size: va-small}\n",
        "---\nserver_name: a\nsize: va-small\n---\nhostname: b\nsize: va-small\n",
        r#"[{"server_name": "a", "size": "va-small"}, {"server_name": "b", "size": "va-small"}]"#,
    ] {
        let answer = json_of(&plan(text, &["--image", "c"]));
        let names: Vec<_> = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["server_name"].clone())
            .collect();
        assert_eq!(names, ["a", "b"], "{answer}");
    }
    for (text, more, why) in [
        (
            "- {name: a}\n- {server_name: a}\n",
            None,
            "two servers called a",
        ),
        (
            "- {name: a}\n- {size: b}\n",
            None,
            "server 2 of --spec has no server_name",
        ),
        (
            "- {name: a}\n- {name: b}\n",
            Some("c"),
            "cannot all have the name",
        ),
        ("- a\n", None, "does not hold"),
        ("# nothing\n", None, "is empty"),
    ] {
        let output = plan(text, more.as_slice());
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn providers_are_listed_and_shown_without_their_secrets() {
    let state = tempfile::tempdir().unwrap();
    let text = "kvm10: {driver: va_libvirt, uri: 'qemu+ssh://me:hunter2@kvm/system', password: hunter2}\n\
                kvm2: {driver: va_libvirt, host_ip: kvm2}\nec2: {driver: ec2, private_key: /k}\n\
                rack: {driver: va_external, driver_id: mine, password: 271828, auth: {passcode: hunter2}}\n";
    providers(state.path(), "all.conf", text);
    let broken = providers(state.path(), "broken.conf", "a: [\n");
    let list = run_with(
        state.path(),
        &[("VA_DRIVER_PROVIDER", "kvm2")],
        &["provider", "list", "-o", "table"],
    );
    let lines: Vec<_> = stdout(&list).lines().collect();
    assert!(lines[0].starts_with("NAME   DRIVER   HOST"), "{lines:?}");
    assert!(
        lines[2].starts_with("kvm2   libvirt  kvm2") && lines[2].contains("yes"),
        "{lines:?}"
    );
    assert!(
        lines[3].starts_with("kvm10") && lines[3].contains("me:(hidden)@kvm"),
        "{lines:?}"
    );
    assert!(lines[4].starts_with("rack   mine"), "{lines:?}");
    assert!(stderr(&list).contains("broken.conf"), "{list:?}");
    let shown = run_with(state.path(), &[], &["provider", "show", "kvm10"]);
    assert_eq!(json_of(&shown)["provider"]["password"], "(hidden)");
    let rack = run_with(state.path(), &[], &["provider", "show", "rack"]);
    assert_eq!(json_of(&rack)["provider"]["auth"]["passcode"], "(hidden)");
    for output in [list, shown, rack] {
        let said = format!("{output:?}");
        assert!(!said.contains("hunter2") && !said.contains("271828"));
    }
    let unnamed = with(&["provider", "write"], &TEST);
    assert!(stderr(&unnamed).contains("--name"), "{unnamed:?}");
    fs::remove_file(broken).unwrap();
    let args = [
        "provider",
        "write",
        "--uri",
        "test:///default",
        "--name",
        "mine",
        "--dry-run",
    ];
    let named = json_of(&run_with(state.path(), &[], &args));
    assert!(
        named["would_write"][0]["path"]
            .as_str()
            .unwrap()
            .ends_with("mine.conf"),
        "{named}"
    );
}

#[test]
fn a_specification_to_begin_with_has_every_member_and_can_be_read() {
    let output = run(&["server", "new", "db-1", "--driver", "libvirt"]);
    let (_, members) = stdout(&output).split_once("\n\n").unwrap();
    assert!(members.starts_with("server_name: \"db-1\"\n"), "{members}");
    let wanted = members
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line));
    let wanted = wanted.collect::<Vec<_>>().join("\n");
    let known = json_of(&run(&["explain", "-o", "json"]));
    for member in known["members"].as_array().unwrap() {
        let name = member["path"].as_str().unwrap().rsplit('/').next().unwrap();
        let taken = member["drivers"]["libvirt"] == "taken";
        assert!(!taken || wanted.contains(&format!("{name}:")), "{name}");
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("spec.yaml");
    fs::write(&file, &wanted).unwrap();
    let planned = with(&["server", "plan", "--spec", file.to_str().unwrap()], &TEST);
    let said = stderr(&planned);
    assert!(
        !said.contains("YAML") && !said.contains("is not a member"),
        "{said}\n{wanted}"
    );
}

#[test]
fn a_shell_completes_names_of_things() {
    let state = tempfile::tempdir().unwrap();
    let lab = "kvm-lab: {driver: va_libvirt, uri: 'test:///default'}\n";
    providers(state.path(), "kvm.conf", lab);
    let complete = |words: &[&str]| {
        let index = words.len().to_string();
        let asked = [
            ("COMPLETE", "bash"),
            ("_CLAP_COMPLETE_INDEX", index.as_str()),
            ("_CLAP_IFS", "\n"),
        ];
        let args = [&["--", "va-driver"], words].concat();
        let output = run_with(state.path(), &asked, &args);
        assert_eq!(stderr(&output), "");
        stdout(&output)
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        complete(&["server", "show", "--provider", "kvm-lab", ""])[0],
        "test"
    );
    assert_eq!(
        complete(&["server", "start", "--uri", "test:///default", "te"]),
        ["test"]
    );
    assert_eq!(
        complete(&["server", "list", "--provider", "k"]),
        ["kvm-lab"]
    );
    assert_eq!(complete(&["steps", "lib"]), ["libvirt"]);
    let size = [
        "server",
        "create",
        "a",
        "--uri=test:///default",
        "--size",
        "va-s",
    ];
    assert_eq!(complete(&size), ["va-small"]);
    let away = [
        "server",
        "show",
        "--uri",
        "qemu+unix:///system?socket=/nonexistent",
        "x",
    ];
    assert_eq!(complete(&away), [""; 0]);
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert!(stdout(&script).contains("COMPLETE"), "{shell}");
    }
}

#[test]
fn ssh_and_console_are_the_systems_own() {
    let state = tempfile::tempdir().unwrap();
    let bin = state.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["ssh", "virsh"] {
        stand_in(&bin, name, "#!/bin/sh\necho \"${0##*/} $*\"\n");
    }
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let run = |path: &str, args: &[&str]| {
        run_with(state.path(), &[("PATH", path)], &[args, &TEST].concat())
    };
    let ssh = run(&path, &["server", "ssh", "test", "-l", "me"]);
    assert_eq!(stdout(&ssh), "ssh -l me 192.168.122.3\n", "{ssh:?}");
    let args = [
        "server", "ssh", "test", TEST[0], TEST[1], "--", "uptime", "-p",
    ];
    let command = run_with(state.path(), &[("PATH", &path)], &args);
    assert_eq!(stdout(&command), "ssh 192.168.122.3 uptime -p\n");
    let console = run(&path, &["server", "console", "test"]);
    assert!(
        stdout(&console).starts_with("virsh -c test:///default console "),
        "{console:?}"
    );
    let none = run("/nonexistent", &["server", "ssh", "test"]);
    assert!(stderr(&none).contains("openssh-client"), "{none:?}");
    let absent = run(&path, &["server", "ssh", "tset"]);
    assert!(stderr(&absent).contains("did you mean test"), "{absent:?}");
}

#[test]
fn the_log_tells_steps_and_in_detail_each_call() {
    let quiet = with(&["server", "stop", "test"], &TEST);
    assert_eq!(stderr(&quiet), "");
    let steps = with(&["server", "stop", "test", "-v"], &TEST);
    assert!(
        stderr(&steps).contains("connected to test:///default"),
        "{steps:?}"
    );
    assert!(
        stderr(&steps).contains("asks test to shut down"),
        "{steps:?}"
    );
    assert!(!stderr(&steps).contains(" ms"), "{steps:?}");
    let calls = with(&["server", "list", "-vv"], &TEST);
    assert!(stderr(&calls).contains("done in"), "{calls:?}");
}

#[test]
fn a_server_is_known_by_its_uuid_too() {
    let listed = json_of(&with(&["server", "list"], &TEST));
    let id = listed["servers"][0]["id"].as_str().unwrap();
    for args in [
        &["server", "show", id][..],
        &["server", "stop", id],
        &["server", "delete", id, "--dry-run", "--force"],
    ] {
        let output = with(args, &TEST);
        assert!(output.status.success(), "{output:?}");
        assert!(stdout(&output).contains("test"), "{output:?}");
    }
    let other = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        with(&["server", "show", other], &TEST).status.code(),
        Some(4)
    );
}

#[test]
fn a_file_that_is_no_text_is_told_so() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), [0, 159, 146, 150]).unwrap();
    let name = file.path().to_str().unwrap();
    for args in [
        ["--ssh-key-file", name],
        ["--spec", name],
        ["--user-data", name],
    ] {
        let output = with(&["server", "plan", "a", args[0], args[1]], &TEST);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(
            stderr(&output).contains("cannot be read as text"),
            "{output:?}"
        );
    }
}

#[test]
fn options_that_people_set_daily_lead_to_the_specification() {
    let args = [
        "server",
        "plan",
        "web-1",
        "--image",
        "a",
        "--size",
        "va-small",
        "--network",
        "default",
        "--firmware",
        "uefi",
        "--disk",
        "3,pool=nonesuch",
        "--disk",
        "4",
        "--address",
        "192.0.2.7/24",
        "--gateway",
        "192.0.2.1",
        "--dns",
        "192.0.2.53",
        "--ssh-key",
        "ssh-ed25519 AAAA me",
    ];
    let output = with(&args, &TEST);
    assert!(
        stderr(&output).contains("nonesuch") || stderr(&output).contains("image"),
        "{output:?}"
    );
    let wrong = with(&["server", "plan", "a", "--disk", "big"], &TEST);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("GiB"), "{wrong:?}");
}

#[test]
fn manual_pages_tell_of_exit_codes_files_and_specifications() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        run(&["man", "--output", dir.path().to_str().unwrap()])
            .status
            .success()
    );
    let page = |name: &str| {
        fs::read_to_string(dir.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let root = page("va-driver.1");
    for said in [
        "EXIT STATUS",
        "ENVIRONMENT",
        "SEE ALSO",
        "config.yaml",
        "va\\-driver\\-server(5)",
        ".nf\n",
    ] {
        assert!(root.contains(said), "{said}\n{root}");
    }
    assert!(page("va-driver-server-ssh.1").contains("va\\-driver(1)"));
    let server = page("va-driver-server.5");
    assert!(
        server.contains("minion.master_finger") && server.contains("Also called"),
        "{server}"
    );
    assert!(page("va-driver-provider.5").contains("MEMBERS OF LIBVIRT"));
}

#[test]
fn an_image_that_is_not_there_is_told_as_such() {
    let absent = with(
        &["image", "show", "nonesuch", "-o", "json"],
        &[TEST[0], TEST[1]],
    );
    assert_eq!(
        json_of(&absent)["error"]["data"]["kind"],
        Value::from("not_found")
    );
}

#[test]
fn clouds_are_listed_beside_the_providers_of_salt() {
    let state = tempfile::tempdir().unwrap();
    let lab = "kvm-lab: {driver: va_libvirt, uri: 'test:///default'}\n";
    providers(state.path(), "kvm.conf", lab);
    let list = |args: &[&str]| run_with(state.path(), &[], &[&["provider", "list"], args].concat());
    assert_eq!(json_of(&list(&[])).get("clouds"), None);
    let dir = state.path().join(".config/openstack");
    fs::create_dir_all(&dir).unwrap();
    let clouds = "clouds:\n  lab: {auth: {auth_url: 'https://keystone.example/v3', username: me, password: hunter2}}\n  \
                  old: {profile: nobody-knows-it}\n";
    fs::write(dir.join("clouds.yaml"), clouds).unwrap();
    let listed = list(&[]);
    let clouds = json_of(&listed)["clouds"].clone();
    assert_eq!(clouds[0]["name"], "lab");
    assert_eq!(clouds[0]["host"], "https://keystone.example/v3");
    assert!(stderr(&listed).contains("nobody-knows-it"), "{listed:?}");
    assert!(!stdout(&listed).contains("hunter2"), "{listed:?}");
    assert_eq!(stdout(&list(&["-o", "name"])), "kvm-lab\n");
}

#[test]
fn a_dry_run_about_files_of_this_machine_has_looked_at_them() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (pki, keys, master) = (at("pki"), at("keys"), at("master"));
    fs::create_dir_all(dir.path().join("master/minions")).unwrap();
    let told = |args: &[&str]| {
        let plan = json_of(&run(&[args, &["--dry-run"]].concat()));
        let count = |list: &str| plan[list].as_array().map_or(0, Vec::len);
        let counts = [
            count("would_write"),
            count("would_stay"),
            count("would_remove"),
        ];
        (plan["would_change"] == true, counts)
    };
    let done = |args: &[&str]| assert!(run(args).status.success(), "{args:?}");

    let tls = ["tls", "init", "--output", &pki, "--host", "kvm1"];
    assert_eq!(told(&tls), (true, [8, 0, 0]));
    assert!(!Path::new(&pki).exists());
    done(&tls);
    assert_eq!(told(&tls), (false, [0, 8, 0]));
    let anew = [&tls[..], &["--replace", "certificates"]].concat();
    assert_eq!(told(&anew), (true, [6, 2, 0]));

    fs::create_dir(&keys).unwrap();
    let generate = [
        "key", "generate", "--bits", "2048", "--output", &keys, "--id", "a",
    ];
    assert_eq!(told(&generate), (true, [2, 0, 0]));
    done(&generate);
    assert_eq!(told(&generate), (false, [0, 2, 0]));
    let public = at("keys/a.pub");
    let accept = ["key", "accept", "a", &public, "--pki-dir", &master];
    let revoke = ["key", "revoke", "a", "--key", &public, "--pki-dir", &master];
    assert_eq!(told(&revoke), (false, [0, 0, 0]));
    assert_eq!(told(&accept), (true, [1, 0, 0]));
    done(&accept);
    assert_eq!(told(&revoke), (true, [0, 0, 1]));
}
