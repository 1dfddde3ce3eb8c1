use super::*;

fn args(words: &[&str]) -> PrepareArgs {
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        args: PrepareArgs,
    }
    let words = std::iter::once(&"prepare").chain(words);
    Only::try_parse_from(words).unwrap().args
}

fn planned(words: &[&str]) -> Result<Plan> {
    let dir = tempfile::tempdir().unwrap();
    let global = super::super::options::Global::default();
    let own = super::super::own_config::OwnConfig::default();
    let mut settings = Settings::new(&global, crate::drivers::registry(), own);
    settings.templates = dir.path().to_owned();
    plan(&args(words), &settings)
}

#[test]
fn the_provider_reaches_the_host_as_it_was_prepared() {
    for (words, name, uri, network) in [
        (
            &["root@kvm9.example.org"][..],
            "kvm9",
            "qemu+ssh://root@kvm9.example.org/system",
            "default",
        ),
        (
            &[
                "kvm9",
                "--port",
                "2222",
                "--identity",
                "/k",
                "--network",
                "lab",
            ],
            "kvm9",
            "qemu+ssh://kvm9:2222/system?keyfile=/k",
            "lab",
        ),
        (
            &["me@2001:db8::1", "--name", "six"],
            "six",
            "qemu+ssh://me@[2001:db8::1]/system",
            "default",
        ),
        (
            &["root@192.0.2.7", "--tls", "/pki", "--dry-run"],
            "192.0.2.7",
            "qemu+tls://192.0.2.7/system?pkipath=/pki/client/va-driver",
            "default",
        ),
        (&["--local"], "local", "qemu:///system", "default"),
        (
            &["--local", "--uri", "qemu:///session", "--pool-path", "/p"],
            "local",
            "qemu:///session",
            "user",
        ),
    ] {
        let provider = planned(words).unwrap().provider;
        assert_eq!(provider["provider_name"], name, "{words:?}");
        assert_eq!(provider["uri"], uri, "{words:?}");
        assert_eq!(provider["defaults"]["network"], network, "{words:?}");
    }
}

#[test]
fn nothing_that_is_said_runs_as_a_command() {
    for words in [
        &["--", "-oProxyCommand=x@h"][..],
        &["root@h;reboot"],
        &["root@"],
        &["h", "--pool", "a$(b)"],
        &["h", "--network", "a b"],
        &["h", "--pool-path", "images"],
    ] {
        let words = [&["--dry-run"], words].concat();
        assert!(planned(&words).is_err(), "{words:?}");
    }
    let plan = planned(&["h", "--pool-path", "/it's $(reboot)"]).unwrap();
    assert!(
        plan.script
            .text(true)
            .contains(r"pool_path='/it'\''s $(reboot)'")
    );
}

#[test]
fn a_private_key_is_in_the_script_only_where_that_is_run() {
    let dir = tempfile::tempdir().unwrap();
    let pki = dir.path().join("pki");
    let pki = pki.to_str().unwrap();
    let words = ["root@192.0.2.7", "--tls", pki];
    let not_made = planned(&["root@192.0.2.7", "--tls", pki, "--dry-run"]).unwrap();
    assert!(not_made.script.text(false).contains("(not made yet)"));
    assert!(!Path::new(pki).exists());
    let script = planned(&words).unwrap().script;
    assert!(script.text(true).contains("PRIVATE KEY"));
    let shown = script.text(false);
    assert!(shown.contains("put '/etc/pki/libvirt/private/serverkey.pem' 0600"));
    assert!(shown.contains("BEGIN CERTIFICATE") && !shown.contains("PRIVATE KEY"));
}
