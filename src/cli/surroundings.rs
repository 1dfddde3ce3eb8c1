//! What the program's help and its manual pages say of exit codes, variables and files.

use crate::Kind;

/// Each exit code, and what it says.
pub(super) fn exit_codes() -> Vec<(u8, &'static str)> {
    let mut codes = vec![
        (0, "done"),
        (Kind::NOT_READY_EXIT_CODE, "created but not ready in time"),
    ];
    codes.extend(
        Kind::ALL
            .iter()
            .map(|kind| (kind.exit_code(), meaning(*kind))),
    );
    codes.sort_unstable();
    codes
}

fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::InvalidRequest => "not understood",
        Kind::UnknownMethod => "unknown method",
        Kind::InvalidField => "a value is wrong",
        Kind::NotFound => "not found",
        Kind::AlreadyExists => "exists already",
        Kind::ConnectionFailed => "no connection",
        Kind::AuthFailed => "login refused",
        Kind::PermissionDenied => "not permitted",
        Kind::QuotaExceeded => "no room",
        Kind::Timeout => "too slow",
        Kind::Conflict => "in the wrong state",
        Kind::Unsupported => "not supported",
        Kind::PartialFailure => "something was left behind",
        Kind::Cancelled => "interrupted",
        Kind::Internal => "a fault of this program",
    }
}

/// Each variable of the environment, and what it says.
pub(super) const ENVIRONMENT: [(&str, &str); 13] = [
    (
        "VA_DRIVER_PROVIDER",
        "the provider that is meant, as --provider",
    ),
    ("VA_DRIVER_URI", "the libvirt host that is meant, as --uri"),
    (
        "OS_CLOUD",
        "the cloud that is meant, as --os-cloud; OS_AUTH_URL and the like describe one",
    ),
    ("VA_DRIVER_FORMAT", "how results are printed, as -o"),
    (
        "VA_DRIVER_CONFIG",
        "what an administrator says of this master, instead of /etc/va-driver/config.yaml",
    ),
    (
        "VA_DRIVER_DRIVERS",
        "directories of drivers, beside those below",
    ),
    (
        "VA_DRIVER_TEMPLATES",
        "templates, instead of /etc/va-driver/templates",
    ),
    (
        "VA_DRIVER_STATE_DIR",
        "where what is being made is written down, instead of /var/lib/va-driver",
    ),
    (
        "VA_DRIVER_LOG",
        "what is logged on stderr, such as va_driver=debug",
    ),
    (
        "SALT_CONFIG_DIR",
        "Salt's configuration directory, as --config-dir",
    ),
    (
        "XDG_CONFIG_HOME",
        "where va-driver/config.yaml is, instead of ~/.config",
    ),
    ("NO_COLOR", "no colours, if it is set"),
    (
        "COLUMNS",
        "how wide the terminal is, where it does not tell",
    ),
];

/// Each file, and what it is for.
pub(super) const FILES: [(&str, &str); 7] = [
    (
        "~/.config/va-driver/config.yaml",
        "of one's own: provider, provider_file, uri or os_cloud, which counts where nothing else says which host is meant, and format, as -o",
    ),
    (
        "/etc/va-driver/config.yaml",
        "what an administrator says of this master",
    ),
    (
        "/etc/va-driver/templates",
        "templates of Salt's configuration that count over the program's own",
    ),
    (
        "/etc/va-driver/drivers.d",
        "drivers beside the program's own: manifests and programs",
    ),
    (
        "/etc/salt/cloud.providers.d",
        "Salt's providers, which --provider names",
    ),
    (
        "/etc/salt/cloud.profiles.d",
        "Salt's profiles, which provider write makes",
    ),
    (
        "/var/lib/va-driver",
        "what is being made, so that server recover can remove what a killed program has left; of plain users in ~/.local/state/va-driver",
    ),
];
