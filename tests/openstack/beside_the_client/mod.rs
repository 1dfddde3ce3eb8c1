//! The same logins here and by the `openstack` client, from one table: the same user, scope, region and
//! endpoint, or a refusal that names the member.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Map, Value, json};

use crate::common::openstack::OpenStack;
use crate::common::{program, tests_dir};

/// How many logins are tried at once.
const AT_ONCE: usize = 4;

/// One row of the table, its files written.
struct Case {
    row: Value,
    dir: PathBuf,
    env: Map<String, Value>,
    arguments: Vec<&'static str>,
}

fn script() -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(tests_dir().join("openstack/beside_the_client/client.py"));
    command
}

/// The table, with what only this bed knows in it.
fn table() -> Vec<Value> {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    let secret = bed.env("VA_OS_TOTP_SECRET");
    let passcode = script().args(["passcode", secret]).output().unwrap();
    let other = bed.other();
    let trust = json!({"trust": {
        "trustor_user_id": demo.user_id, "trustee_user_id": other.user_id, "impersonation": true,
        "project_id": demo.project_id, "roles": [{"name": "member"}],
    }});
    let trust = demo.post("identity", "/OS-TRUST/trusts", &trust);
    let nova = demo.endpoint("compute");
    let text = include_str!("logins.yaml");
    let mut text = text.to_owned();
    let discovery = bed.env("VA_OS_DISCOVERY");
    let tokens = discovery.replace(".well-known/openid-configuration", "token");
    for (name, value) in [
        ("AUTH_URL", bed.env("VA_OS_AUTH_URL")),
        ("PASSWORD", bed.env("VA_OS_PASSWORD")),
        ("PASSCODE", &String::from_utf8(passcode.stdout).unwrap()),
        ("PROJECT_ID", &demo.project_id),
        ("USER_ID", &demo.user_id),
        ("APP_CRED_ID", bed.env("VA_OS_APP_CRED_ID")),
        ("APP_CRED_SECRET", bed.env("VA_OS_APP_CRED_SECRET")),
        ("TOKENS", &tokens),
        ("TOKEN", demo.token()),
        ("TRUST", trust["trust"]["id"].as_str().unwrap()),
        ("DISCOVERY", discovery),
        ("ACCESS_TOKEN", bed.env("VA_OS_ACCESS_TOKEN")),
        ("NOVA", nova),
        ("LOCAL_NOVA", &nova.replace("127.0.0.1", "localhost")),
    ] {
        let quoted = json!(value.trim()).to_string();
        for end in [",", "}", "\n", "]"] {
            text = text.replace(&format!("${name}{end}"), &format!("{quoted}{end}"));
        }
    }
    serde_yaml::from_str(&text).unwrap()
}

/// `changes` over `usual`; null takes away.
fn changed(mut usual: Value, changes: &Value) -> Map<String, Value> {
    let members = usual.as_object_mut().unwrap();
    for (name, value) in changes.as_object().into_iter().flatten() {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    members.clone()
}

fn prepared(row: Value, dir: PathBuf) -> Case {
    let bed = OpenStack::shared();
    fs::create_dir(&dir).unwrap();
    let usual = json!({
        "auth_url": bed.env("VA_OS_AUTH_URL"), "username": "demo",
        "password": bed.env("VA_OS_PASSWORD"), "project_name": "demo",
        "user_domain_name": "Default", "project_domain_name": "Default",
    });
    let by_variables = row["auth"].is_null() && row["cloud"].is_null();
    let env = if by_variables {
        let mut all = Map::from_iter([("OS_REGION_NAME".to_owned(), json!("RegionOne"))]);
        for (name, value) in usual.as_object().unwrap() {
            all.insert(format!("OS_{}", name.to_uppercase()), value.clone());
        }
        changed(Value::Object(all), &row["env"])
    } else {
        let mut cloud = changed(json!({"region_name": "RegionOne"}), &row["cloud"]);
        cloud.insert(
            "auth".to_owned(),
            Value::Object(changed(usual, &row["auth"])),
        );
        let clouds = json!({"clouds": {"lab": cloud}}).to_string();
        fs::write(dir.join("clouds.yaml"), clouds).unwrap();
        let public = json!({"public-clouds": row["public"]}).to_string();
        fs::write(dir.join("clouds-public.yaml"), public).unwrap();
        changed(json!({}), &row["env"])
    };
    let arguments = if by_variables {
        vec![]
    } else {
        vec!["--os-cloud", "lab"]
    };
    Case {
        row,
        dir,
        env,
        arguments,
    }
}

/// What the client makes of `cases`.
fn by_the_client(cases: &[Case]) -> Vec<Value> {
    let asked: Vec<_> = cases
        .iter()
        .map(|case| {
            let mut env = case.env.clone();
            env.insert("HOME".to_owned(), json!(case.dir));
            json!({"arguments": case.arguments, "env": env, "dir": case.dir})
        })
        .collect();
    let mut child = script()
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(json!(asked).to_string().as_bytes())
        .unwrap();
    drop(stdin);
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What is made of `case` here, in the client's words; or the member that a refusal names.
fn here(case: &Case) -> Value {
    let mut command = program(&case.dir);
    command
        .current_dir(&case.dir)
        .args(["provider", "status", "--json", "-vv"])
        .args(&case.arguments);
    for (name, value) in &case.env {
        command.env(name, value.as_str().unwrap());
    }
    let output = command.output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let secret = OpenStack::shared().env("VA_OS_PASSWORD");
    assert!(!log.contains(secret), "{}", case.row["name"]);
    let Some(message) = said["message"].as_str() else {
        return json!({"error": said["error"]["message"], "field": said["error"]["data"]["field"]});
    };
    let message = message.strip_prefix("logged in as ").unwrap();
    let (account, region) = message.split_once(", region ").unwrap();
    let (user, scope) = account.split_once(", ").unwrap_or((account, ""));
    let scope = match scope.split_once(' ') {
        Some((_, "whole system")) => json!("system"),
        Some((_, name)) => json!(name),
        None => Value::Null,
    };
    let flavours = log.split_once("/flavors?limit=1").unwrap().0;
    let endpoint = flavours.rsplit(' ').next().unwrap();
    json!({"user": user, "scope": scope, "region": region, "endpoint": endpoint})
}

/// What is wrong with `case`, in the light of both.
fn wrong(case: &Case, client: &Value, here: &Value) -> Option<String> {
    let row = &case.row;
    let fits = if let Some(member) = row["refused"].as_str() {
        let said = format!(
            "{} {}",
            here["field"].as_str().unwrap_or_default(),
            here["error"]
        );
        let explained = client["error"].is_string() || row["why"].is_string();
        explained && here["error"].is_string() && said.contains(member)
    } else if let Some(wanted) = row["here"].as_object() {
        assert!(row["why"].is_string(), "{row}");
        wanted.iter().all(|(name, value)| here[name] == *value)
    } else {
        here == client && here["user"].is_string()
    };
    let name = &row["name"];
    (!fits).then(|| format!("{name}\n  the client: {client}\n  here:       {here}\n"))
}

#[test]
fn logins_come_to_the_same_as_by_the_openstack_client() {
    let dir = tempfile::tempdir().unwrap();
    let cases: Vec<_> = table()
        .into_iter()
        .enumerate()
        .map(|(number, row)| prepared(row, dir.path().join(number.to_string())))
        .collect();
    let all = |pieces: &[Case]| pieces.iter().map(here).collect::<Vec<_>>();
    let (client, ours) = thread::scope(|scope| {
        let client = scope.spawn(|| by_the_client(&cases));
        let pieces = cases.chunks(cases.len().div_ceil(AT_ONCE));
        let ours: Vec<_> = pieces
            .map(|piece| scope.spawn(move || all(piece)))
            .collect();
        let ours = ours.into_iter().flat_map(|piece| piece.join().unwrap());
        let ours: Vec<_> = ours.collect();
        (client.join().unwrap(), ours)
    });
    assert_eq!((client.len(), ours.len()), (cases.len(), cases.len()));
    let both = client.iter().zip(&ours);
    let wrong: Vec<_> = cases
        .iter()
        .zip(both)
        .filter_map(|(case, (client, ours))| wrong(case, client, ours))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.concat()
    );
    assert!(Path::new("/usr/bin/openstack").exists() && cases.len() > 70);
}
