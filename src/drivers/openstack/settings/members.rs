//! The members of a provider that this driver reads, each declared once: in records, in Salt's files, in
//! `clouds.yaml`, and as the variables `OS_…`.
//!
//! The foreign names are those of openstacksdk and keystoneauth.

use crate::driver::provider_members;

provider_members! {
    taken {
        DRIVER_NAME = "driver_name", also ["driver", "driver_id"]: "`openstack`, or `va_openstack` as Salt calls it";
        PROVIDER_NAME = "provider_name": "what the provider is called";
        CLOUD = "cloud", also ["os_cloud"]: "a cloud of this machine's `clouds.yaml`, which says what the record does not";
        AUTH = "auth": "a mapping whose members count like those that stand beside it, as in `clouds.yaml`";
        HOST_IP = "host_ip", also ["provider_ip"]: "where Keystone is: `host`, `host:port` or a URL";
        HOST_PROTOCOL = "host_protocol", also ["provider_protocol"]: "`https` or `http`, where `host_ip` is no URL";
        IDENTITY_URL = "identity_url", foreign ["auth_url"]: "Keystone's URL, instead of `host_ip`";
        URI = "uri", also ["url"]: "Keystone's URL, as `identity_url`";
        AUTH_TYPE = "auth_type", foreign ["auth_type", "auth_plugin"]:
            "how one logs in: `password`, `v3password`, `v2password`, `token`, `v3token`, `v2token`, `v3applicationcredential`, `v3totp`, `v3multifactor`, `v3oidcclientcredentials`, `v3oidcpassword`, `v3oidcaccesstoken`, `admin_token`, `none`; told from the other members when absent";
        AUTH_METHODS = "auth_methods", foreign ["auth_methods"]: "the ways that are used at once by `v3multifactor`, a list";
        USERNAME = "username", foreign ["username", "user_name"], also ["user"]: "who logs in, by name";
        USER_ID = "user_id", foreign ["user_id"]: "who logs in, by id";
        PASSWORD = "password", foreign ["password"]: "the password";
        PASSCODE = "passcode", foreign ["passcode"]: "a one-time password (TOTP), instead of the password or beside it";
        TOKEN = "token", foreign ["token", "auth_token"]: "a token that somebody has got already, instead of user and password";
        APPLICATION_CREDENTIAL_ID = "application_credential_id", foreign ["application_credential_id"]: "an application credential, by id";
        APPLICATION_CREDENTIAL_NAME = "application_credential_name", foreign ["application_credential_name"]: "an application credential, by name, beside the user";
        APPLICATION_CREDENTIAL_SECRET = "application_credential_secret", foreign ["application_credential_secret"]: "the secret of the application credential";
        IDENTITY_PROVIDER = "identity_provider", foreign ["identity_provider"]: "what Keystone calls the provider of identities (of the types `v3oidc…`)";
        PROTOCOL = "protocol", foreign ["protocol"]: "what Keystone calls the way in which that is asked";
        CLIENT_ID = "client_id", foreign ["client_id"]: "who asks the provider of identities";
        CLIENT_SECRET = "client_secret", foreign ["client_secret"]: "the secret of `client_id`";
        OPENID_SCOPE = "openid_scope", foreign ["openid_scope"]: "what the provider of identities is asked for; `openid profile` when absent";
        ACCESS_TOKEN = "access_token", foreign ["access_token"]: "an access token that somebody has got already";
        ACCESS_TOKEN_TYPE = "access_token_type", foreign ["access_token_type"]: "`access_token` (the default) or `id_token`: which one Keystone is shown";
        ACCESS_TOKEN_ENDPOINT = "access_token_endpoint", foreign ["access_token_endpoint"]: "the URL where access tokens are given";
        DISCOVERY_ENDPOINT = "discovery_endpoint", foreign ["discovery_endpoint"]: "the URL of the document that says where access tokens are given";
        ENDPOINT = "endpoint", foreign ["endpoint"]: "the URL of all services that have none of their own, for `admin_token` and `none`, without Keystone";
        TENANT = "tenant", foreign ["project_name", "tenant_name"], also ["project"]: "the project, by name";
        PROJECT_ID = "project_id", foreign ["project_id", "tenant_id"]: "the project, by id; counts where the name is there too";
        TRUST_ID = "trust_id", foreign ["trust_id"]: "a trust, in which the trustor's project is used";
        SYSTEM_SCOPE = "system_scope", foreign ["system_scope"]: "`all`: log in to the whole cloud, and to no project";
        USER_DOMAIN = "user_domain": "the user's domain, by name or id; `domain`'s when absent, else `Default`";
        USER_DOMAIN_NAME = "user_domain_name", foreign ["user_domain_name"]: "the user's domain, by name";
        USER_DOMAIN_ID = "user_domain_id", foreign ["user_domain_id"]: "the user's domain, by id; counts where the name is there too";
        PROJECT_DOMAIN = "project_domain": "the project's domain, by name or id; `domain`'s when absent, else `Default`";
        PROJECT_DOMAIN_NAME = "project_domain_name", foreign ["project_domain_name"]: "the project's domain, by name";
        PROJECT_DOMAIN_ID = "project_domain_id", foreign ["project_domain_id"]: "the project's domain, by id; counts where the name is there too";
        DOMAIN = "domain": "the domain of user and project, by name or id";
        DOMAIN_NAME = "domain_name", foreign ["domain_name"]: "the domain of user and project, by name; without a project, what one logs in to";
        DOMAIN_ID = "domain_id", foreign ["domain_id"]: "the domain of user and project, by id; without a project, what one logs in to";
        DEFAULT_DOMAIN = "default_domain", foreign ["default_domain"]: "the domain of user and project, by name or id, where nothing else says it";
        DEFAULT_DOMAIN_NAME = "default_domain_name", foreign ["default_domain_name"]: "the domain of user and project, where nothing else says it, by name";
        DEFAULT_DOMAIN_ID = "default_domain_id", foreign ["default_domain_id"]: "the domain of user and project, where nothing else says it, by id";
        DOMAIN_SCOPE = "domain_scope": "true: log in to the domain, and to no project";
        REGION = "region", foreign ["region_name"], also ["compute_region"]: "the region; needless where there is only one";
        REGIONS = "regions": "the regions that `region` is one of; the first when that is absent";
        INTERFACE = "interface", foreign ["interface", "endpoint_type"]:
            "which endpoints of the catalog are used: `public` (the default), `internal`, `admin`; a list in the order of preference";
        CACERT = "cacert", foreign ["cacert"]: "a file of authorities (PEM) that are trusted, instead of this machine's";
        CERT = "cert", foreign ["cert"]: "a file with the client's certificate (PEM), and its key unless `key` has it";
        KEY = "key", foreign ["key"]: "a file with the key of that certificate (PEM)";
        INSECURE = "insecure", foreign ["insecure"]: "true: do not check who answers";
        VERIFY = "verify", foreign ["verify"]: "false: do not check who answers; or a file of authorities, as `cacert`";
        COMPUTE_ENDPOINT_OVERRIDE = "compute_endpoint_override", foreign ["compute_endpoint_override", "compute_endpoint"]: "Nova's URL, instead of the catalog's";
        IMAGE_ENDPOINT_OVERRIDE = "image_endpoint_override", foreign ["image_endpoint_override", "image_endpoint"]: "Glance's URL, instead of the catalog's";
        NETWORK_ENDPOINT_OVERRIDE = "network_endpoint_override", foreign ["network_endpoint_override", "network_endpoint"]: "Neutron's URL, instead of the catalog's";
        VOLUME_ENDPOINT_OVERRIDE = "volume_endpoint_override",
            foreign ["volume_endpoint_override", "block_storage_endpoint_override", "block_store_endpoint_override", "volumev3_endpoint_override", "volumev2_endpoint_override", "volume_endpoint", "block_storage_endpoint"]:
            "Cinder's URL, instead of the catalog's";
        COMPUTE_REGION_NAME = "compute_region_name", foreign ["compute_region_name"]: "Nova's region, where it is another than `region`";
        IMAGE_REGION_NAME = "image_region_name", foreign ["image_region_name"]: "Glance's region, where it is another than `region`";
        NETWORK_REGION_NAME = "network_region_name", foreign ["network_region_name"]: "Neutron's region, where it is another than `region`";
        VOLUME_REGION_NAME = "volume_region_name", foreign ["volume_region_name", "block_storage_region_name", "volumev3_region_name"]:
            "Cinder's region, where it is another than `region`";
        COMPUTE_INTERFACE = "compute_interface", foreign ["compute_interface", "compute_endpoint_type"]: "Nova's endpoints, where they are others than `interface`";
        IMAGE_INTERFACE = "image_interface", foreign ["image_interface", "image_endpoint_type"]: "Glance's endpoints, where they are others than `interface`";
        NETWORK_INTERFACE = "network_interface", foreign ["network_interface", "network_endpoint_type"]: "Neutron's endpoints, where they are others than `interface`";
        VOLUME_INTERFACE = "volume_interface",
            foreign ["volume_interface", "block_storage_interface", "volumev3_interface", "volume_endpoint_type", "block_storage_endpoint_type", "volumev3_endpoint_type"]:
            "Cinder's endpoints, where they are others than `interface`";
        CONNECT_TIMEOUT = "connect_timeout": "seconds for a peer to accept a connection, 1 to 86400; 15";
        TIMEOUT = "timeout": "seconds for a call, 1 to 86400; 120";
        EXTERNAL_NETWORK = "external_network": "where floating IPs come from";
        NAT_DESTINATION = "nat_destination": "the network whose interface gets the floating IP, where several could";
        AVAILABILITY_ZONE = "availability_zone": "the zone of servers that name none";
        KEY_NAME = "key_name", also ["ssh_key_name", "keyname"]: "the key pair of servers that name none";
        PRICES = "prices": "`{flavour: price for an hour}`";
        FLAVOURS = "flavours", also ["flavors"]: "`{flavour: {cost}}`, where libvirt's providers have the price";
        CURRENCY = "currency": "what the prices are in";
        SALT_DRIVER = "salt_driver": "the driver of Salt's that files are rendered for: `va_openstack` (the default) or `openstack`";
        LOCATION = "location": "where the cloud is, for people";
        DEFAULTS = "defaults": "what servers get that do not say otherwise: `network`, `sec_group`, `image`, `size`";
        NETWORK = "network": "the network of servers that name none; also in `defaults`";
        SEC_GROUP = "sec_group": "the security group of servers that name none; also in `defaults`";
        IMAGE = "image": "the image of servers that name none; also in `defaults`";
        SIZE = "size": "the size of servers that name none; also in `defaults`";
    }
    below AUTH;
    refused {
        "profile" | "vendor_profile": "a cloud of clouds.yaml has one, by profile; here say auth_url and the rest of it";
        "identity_endpoint_override" | "identity_endpoint": "say where Keystone is in auth_url";
        "identity_provider_url" | "service_provider_endpoint" | "service_provider_entity_id": "SAML cannot be used; get a token and give that";
        "service_provider" | "remote_project_id" | "remote_project_name" | "remote_project_domain_id" | "remote_project_domain_name":
            "one cloud's login for another cannot be used; get a token and give that";
        "mutual_auth": "Kerberos cannot be used; get a token and give that";
        "redirect_uri" | "code" | "authorization_code" | "device_authorization_endpoint" | "code_challenge_method":
            "a login by a browser cannot be used; get a token and give that";
        "oauth2_endpoint" | "oauth2_client_id" | "oauth2_client_secret" | "consumer_key" | "consumer_secret" | "access_key" | "access_secret":
            "OAuth of Keystone's own cannot be used; say an application credential";
        "apikey" | "api_key": "Rackspace's own login cannot be used; say the password, or an application credential";
        "*_service_name": "services are told by their type; leave it out, or say the endpoint_override";
        "*_service_type": "services are told by the catalog's usual types; say the endpoint_override";
    }
    passed_over {
        "*_api_version" | "*_default_microversion" | "*_min_version" | "*_max_version" | "auth_version":
            "the versions and microversions that are used are found out";
        "*_endpoint_override" | "*_endpoint" | "*_region_name" | "*_interface" | "*_endpoint_type":
            "another service's, which is not used here";
        "*_retries" | "*_retry_delay" | "*_retriable_status_codes": "how often is asked again is found out";
        "use_keystoneauth": "Keystone is spoken to in the same way always";
        "compute_name" | "service_type": "services are told by the catalog's usual types";
        "auth_minion" | "config_profile": "Salt's execution modules read it, and no driver";
        "api_timeout": "connect_timeout and timeout are this program's";
        "floating_ip_source" | "secgroup_source" | "has_network": "networks, groups and floating IPs are Neutron's";
        "force_ipv4" | "prefer_ipv6": "addresses of both kinds are tried";
        "image_format" | "image_api_use_tasks" | "disable_vendor_agent" | "vendor_hook" | "requires_floating_ip" | "nat_source" | "default_interface":
            "openstacksdk's own ways of making servers and images";
        "status" | "message" | "metrics" | "cache": "openstacksdk's own";
    }
}
