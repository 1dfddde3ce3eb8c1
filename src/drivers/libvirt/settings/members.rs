//! The members of a provider that this driver reads, each declared once.

use crate::driver::provider_members;

provider_members! {
    taken {
        DRIVER_NAME = "driver_name", also ["driver", "driver_id"]: "`libvirt`, or `va_libvirt` as Salt calls it";
        PROVIDER_NAME = "provider_name": "what the provider is called";
        HOST_PROTOCOL = "host_protocol", also ["provider_protocol"]:
            "how the host is reached: `qemu` (the default; by TLS, which is `qemu+tls`), `qemu+ssh`, `qemu+tcp` (unencrypted), `qemu+unix` (this machine's socket), `test` (libvirt's test driver)";
        HOST_IP = "host_ip", also ["provider_ip"]: "the host: `host`, `host:port`, `user@host`, a socket's path; this machine when absent";
        URI = "uri", also ["url"]: "the whole connection URI, instead of `host_protocol` and `host_ip`";
        USERNAME = "username", also ["user"]: "who logs in: by SASL, or by ssh";
        PASSWORD = "password": "the password for SASL";
        LOCATION = "location": "where the host stands, for people";
        PKIPATH = "pkipath": "a directory of this machine with `cacert.pem`, `clientcert.pem`, `clientkey.pem`, for TLS; libvirt's own when absent";
        CONNECT_TIMEOUT = "connect_timeout": "seconds for the connection to open, 1 to 86400; 15";
        TIMEOUT = "timeout": "seconds for a call that only asks or defines, 1 to 86400; 120";
        POOL = "pool", also ["storage_pool"]: "the storage pool that servers' volumes are made in; `default`";
        IMAGE_POOL = "image_pool": "the pool that images are in; `pool`'s when absent";
        SEED_POOL = "seed_pool": "the pool that seeds are in; the first of a server's own, `pool` and `image_pool` that takes them when absent";
        VIRT_TYPE = "virt_type": "`auto` (the default: KVM where the host can), `kvm`, `qemu`";
        MACHINE = "machine", also ["machine_type"]: "the machine type; `q35` on x86, `virt` on ARM";
        FIRMWARE = "firmware": "`bios` (the default) or `uefi`";
        CPU = "cpu", also ["cpu_mode"]: "`host-passthrough` (the default with KVM), `host-model`, `maximum`, or a model's name";
        GRAPHICS = "graphics": "`vnc` (on loopback, the default) or `none`";
        CONSOLE_LOG = "console_log": "a directory of the host, in which each guest's serial console is logged as `NAME.log`";
        FLAVOURS = "flavours", also ["flavors"]: "the sizes that servers can have: `{name: {num_cpus, memory (KiB), vol_capacity (GiB), …}}`";
        CURRENCY = "currency": "what the flavours' costs are in";
        DEFAULTS = "defaults": "what servers get that do not say otherwise: `network`, `image`, `size`";
        NETWORK = "network": "the network of servers that name none; also in `defaults`";
        IMAGE = "image": "the image of servers that name none; also in `defaults`";
        SIZE = "size": "the size of servers that name none; also in `defaults`";
    }
    refused {
        "host_port": "say the port in host_ip, as `host:port`";
        "ssl_path": "the client's certificates are in pkipath";
        "no_verify": "say it in the uri, as `?no_verify=1`";
    }
    passed_over {
        "tenant": "a libvirt host has no tenants; dashboards keep the member for all drivers";
        "region": "a libvirt host has no regions; dashboards keep the member for all drivers";
    }
}
