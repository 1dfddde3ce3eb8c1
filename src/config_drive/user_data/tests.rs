use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{USER_DATA_MAX, kind::Kind};
use crate::config_drive::Seed;
use crate::config_drive::testing::{minion, seed};
use crate::{Kind as ErrorKind, Secret};

fn user_data(user: Option<&str>, change: impl FnOnce(&mut Seed)) -> crate::Result<String> {
    let mut seed = seed();
    seed.user_data = user.map(|text| Secret::new(text.to_owned()));
    change(&mut seed);
    super::content(&seed).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

fn cloud_config(text: &str) -> Value {
    serde_yaml::from_str(text.strip_prefix("#cloud-config\n").unwrap()).unwrap()
}

/// Headers and body of each part; a nested message is one.
fn parts(message: &str) -> Vec<(&str, &str)> {
    let boundary = message.split('"').nth(1).unwrap();
    let delimiter = format!("--{boundary}");
    let mut pieces: Vec<&str> = message.split(&delimiter).collect();
    assert_eq!(pieces.pop(), Some("--\n"));
    pieces[1..]
        .iter()
        .map(|piece| {
            piece
                .strip_prefix('\n')
                .unwrap()
                .strip_suffix('\n')
                .unwrap()
        })
        .map(|piece| piece.split_once("\n\n").unwrap())
        .collect()
}

#[test]
fn kinds_are_found_as_cloud_init_finds_them() {
    let text = |subtype| Some(Kind::Text(subtype));
    for (start, kind) in [
        ("#cloud-config\na: 1", text("cloud-config")),
        ("\n  #Cloud-Config\na: 1", text("cloud-config")),
        ("#cloud-config-archive\n[]", text("cloud-config-archive")),
        ("#cloud-config-jsonp\n[]", text("cloud-config-jsonp")),
        ("#!/bin/sh\n", text("x-shellscript")),
        ("#include\nhttp://x", text("x-include-url")),
        ("#include-once\nhttp://x", text("x-include-once-url")),
        ("#cloud-boothook\n", text("cloud-boothook")),
        ("#part-handler\n", text("part-handler")),
        ("## template: jinja\n#cloud-config\n", text("jinja2")),
        (
            "Content-Type: text/plain\nMIME-Version: 1.0\n\n",
            Some(Kind::Mime),
        ),
        ("X-Own: 1\nmime-version: 1.0\n\n", Some(Kind::Mime)),
        ("content-type: text/cloud-config\n\n", Some(Kind::Mime)),
        ("hello", None),
        ("é", None),
        ("{\"a\": 1}", None),
    ] {
        assert_eq!(Kind::of(start), kind, "{start:?}");
    }
}

#[test]
fn without_a_minion_the_users_own_stays_as_it_is() {
    let none = |seed: &mut Seed| seed.minion = None;
    assert_eq!(user_data(None, none).unwrap(), "#cloud-config\n{}\n");
    assert_eq!(user_data(Some(" \n"), none).unwrap(), "#cloud-config\n{}\n");
    for user in [
        "#!/bin/sh\r\n",
        // of others than cloud-init
        "{\"ignition\": {\"version\": \"3.4.0\"}}",
        "#ps1_sysnative\nexit 0\n",
    ] {
        assert_eq!(user_data(Some(user), none).unwrap(), user);
    }
}

#[test]
fn user_data_is_judged_and_taken_the_same_with_a_minion_and_without() {
    for without in [true, false] {
        let change = |seed: &mut Seed| {
            if without {
                seed.minion = None;
            }
        };
        for user in ["packages: [vim]\n", "hello", "{\"a\": 1}"] {
            let error = user_data(Some(user), change).unwrap_err();
            assert_eq!(error.field(), Some("/user_data"), "{user} {without}");
            assert!(error.message().contains("#cloud-config"), "{error}");
        }
        // an editor's mark
        let text = user_data(Some("\u{feff}#cloud-config\n{}\n"), change).unwrap();
        assert!(
            text.contains("#cloud-config") && !text.contains('\u{feff}'),
            "{text}"
        );
        let empty = user_data(Some("\u{feff}\n"), change).unwrap();
        assert_eq!(empty, user_data(None, change).unwrap());
    }
}

#[test]
fn a_minion_alone_is_one_cloud_config() {
    let text = user_data(None, |seed| {
        let minion = seed.minion.as_mut().unwrap();
        minion.pkg_name = Some("salt-minion-own".into());
        minion.sign_key.clone_from(&minion.master_key);
        minion.grains.insert("role".into(), json!(["web"]));
    });
    let minion = minion();
    assert_eq!(
        cloud_config(&text.unwrap()),
        json!({
            "salt_minion": {
                "private_key": minion.private_key.expose(),
                "public_key": minion.public_key,
                "pki_dir": "/etc/salt/pki/minion",
                "pkg_name": "salt-minion-own",
                "conf": {"master": "192.0.2.1", "id": "web1"},
                "grains": {"role": ["web"]},
            },
            "bootcmd": [["install", "-d", "-m", "0700", "/etc/salt/pki/minion"]],
            "write_files": [
                {
                    "path": "/etc/salt/pki/minion/minion_master.pub",
                    "permissions": "0644",
                    "content": minion.master_key,
                },
                {
                    "path": "/etc/salt/pki/minion/master_sign.pub",
                    "permissions": "0644",
                    "content": minion.master_key,
                },
            ],
        })
    );
}

#[test]
fn keys_get_lf_and_a_line_end() {
    let text = user_data(None, |seed| {
        let minion = seed.minion.as_mut().unwrap();
        let worse = |pem: &str| format!("\n{}", pem.trim_end().replace('\n', "\r\n"));
        minion.public_key = worse(&minion.public_key);
        minion.private_key = Secret::new(worse(minion.private_key.expose()));
    });
    assert_eq!(text.unwrap(), user_data(None, |_| {}).unwrap());
}

#[test]
fn the_users_part_comes_first_and_ours_after_it() {
    let text = user_data(Some("#!/bin/sh\necho hello\n"), |_| {}).unwrap();
    let parts = parts(&text);
    assert_eq!(parts.len(), 3);
    assert!(parts[0].0.starts_with("Content-Type: text/x-shellscript;"));
    assert_eq!(parts[0].1, "#!/bin/sh\necho hello\n");
    assert!(
        parts[1]
            .0
            .contains("Merge-Type: list(append)+dict(no_replace,recurse_list)+str()")
    );
    let joined = cloud_config(parts[1].1);
    let names: Vec<_> = joined.as_object().unwrap().keys().collect();
    assert_eq!(names, ["bootcmd", "write_files"]);
    assert!(
        parts[2]
            .0
            .contains("Merge-Type: dict(replace)+list()+str()")
    );
    let ours = cloud_config(parts[2].1);
    assert_eq!(ours["salt_minion"]["conf"]["id"], "web1");
    assert_eq!(ours.as_object().unwrap().len(), 1);
}

#[test]
fn what_a_mail_reader_would_change_goes_as_base64() {
    for user in ["#!/bin/sh\necho é\n", "#!/bin/sh\r\n", "#!/bin/sh\necho 😀"] {
        let text = user_data(Some(user), |_| {}).unwrap();
        assert!(text.is_ascii());
        assert!(parts(&text)[0].0.contains("base64"), "{user:?}");
    }
}

#[test]
fn a_users_message_is_nested() {
    let user = "\nContent-Type: multipart/mixed; boundary=\"b\"\nMIME-Version: 1.0\n\n\
        --b\nContent-Type: text/cloud-config\n\na: 1\n--b--\n";
    let text = user_data(Some(user), |_| {}).unwrap();
    let parts = parts(&text);
    assert_eq!(parts.len(), 3);
    assert!(text.contains(&format!("\n{}\n", user.trim_start())));
}

#[test]
fn our_own_text_is_never_taken_for_a_message() {
    let text = user_data(None, |seed| {
        let conf = &mut seed.minion.as_mut().unwrap().conf;
        conf.insert("MIME-Version:".into(), json!(1));
    })
    .unwrap();
    assert_eq!(parts(&text).len(), 2);
}

#[test]
fn the_boundary_is_in_no_part() {
    let first = user_data(Some("#!/bin/sh\n"), |_| {}).unwrap();
    let boundary = first.split('"').nth(1).unwrap().to_owned();
    // a boundary follows from the user's text, so ours has to be there for it to be taken
    let text = user_data(Some("#!/bin/sh\n"), |seed| {
        let conf = &mut seed.minion.as_mut().unwrap().conf;
        conf.insert("note".into(), json!(format!("--{boundary}--")));
    })
    .unwrap();
    assert_ne!(text.split('"').nth(1).unwrap(), boundary);
    assert_eq!(parts(&text).len(), 3);
}

#[test]
fn what_cannot_be_merged_is_refused() {
    for user in ["hello", &format!("#!{}", "x".repeat(USER_DATA_MAX))] {
        let error = user_data(Some(user), |_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidField);
        assert_eq!(error.field(), Some("/user_data"));
    }
    let error = user_data(None, |seed| {
        let conf = &mut seed.minion.as_mut().unwrap().conf;
        conf.insert("n".repeat(2000), json!(1));
    });
    assert_eq!(error.unwrap_err().field(), Some("/minion"));
}

/// What a mail reader makes of a part.
fn read((headers, body): (&str, &str)) -> Vec<u8> {
    if headers.contains("base64") {
        return STANDARD.decode(body.replace('\n', "")).unwrap();
    }
    body.as_bytes().to_vec()
}

proptest! {
    /// Templates of Jinja, handlers in Python, scripts, whatever: the guest's own programs read what the user
    /// wrote, byte for byte, and of ours the same as if the user had written nothing.
    #[test]
    fn whatever_the_user_wrote_stays_as_it_was_and_changes_nothing_of_ours(
        kind in 0..super::kind::beginnings().count(),
        rest in "([a-z{}%#: '\"\\\\-]|\n|\r\n|\\{\\{ v1.x \\}\\}|--va-driver-|\\PC){0,60}",
        value in "\\PC{0,20}|\\{\\{ x \\}\\}|#part-handler",
    ) {
        let user = format!("{}\n{rest}", super::kind::beginnings().nth(kind).unwrap());
        prop_assume!(!super::kind::looks_like_mime(user.as_bytes()));
        let configured = |seed: &mut Seed| {
            let minion = seed.minion.as_mut().unwrap();
            minion.conf.insert("note".into(), json!(value));
            minion.grains.insert("role".into(), json!([value]));
        };
        let text = user_data(Some(&user), configured).unwrap();
        prop_assert!(text.is_ascii());
        let all = parts(&text);
        prop_assert_eq!(all.len(), 3);
        prop_assert_eq!(read(all[0]), user.as_bytes());
        let (joined, replacing) = (cloud_config(all[1].1), cloud_config(all[2].1));
        prop_assert_eq!(&replacing["salt_minion"]["conf"]["note"], &json!(value));
        let mut both = joined.as_object().unwrap().clone();
        both.extend(replacing.as_object().unwrap().clone());
        let alone = user_data(None, configured).unwrap();
        prop_assert_eq!(Value::Object(both), cloud_config(&alone));
        let opens = |text: &str| ["{{", "{%", "{#"].iter().any(|tag| text.contains(tag));
        prop_assert!(!opens(all[1].1) && !opens(all[2].1));
    }
}
