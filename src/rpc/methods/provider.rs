//! `provider.*` that ask the host something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::driver::{
    Billing, Choice, Context, Image, Network, Provider, ProviderData, ProviderStatus, SecGroup,
    Size,
};
use crate::rpc::Service;

/// What a method takes that needs a provider only.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ProviderParams {
    /// The provider: the whole record.
    pub(super) provider: Provider,
}

/// A method that answers a list of the host's, and the same as the options of a form.
macro_rules! list {
    ($answer:ident, $name:ident: $item:ident, $answers:literal, $about:literal) => {
        #[doc = $answers]
        #[derive(Debug, Serialize, JsonSchema)]
        pub(in crate::rpc) struct $answer {
            #[doc = $about]
            $name: Vec<$item>,
            /// The same as the options of a form.
            option_choices: Vec<Choice>,
        }

        pub(super) fn $name(
            service: &Service,
            cx: &Context,
            params: ProviderParams,
        ) -> Result<$answer> {
            let provider = params.provider;
            let $name = service.driver_of(&provider)?.$name(cx, &provider)?;
            Ok($answer {
                option_choices: $item::choices(&$name),
                $name,
            })
        }
    };
}

list!(Networks, networks: Network, "What `provider.networks` answers.", "The networks.");
list!(SecGroups, sec_groups: SecGroup, "What `provider.sec_groups` answers.", "The security groups.");
list!(Images, images: Image, "What `provider.images` answers.", "The images.");
list!(Sizes, sizes: Size, "What `provider.sizes` answers.", "The sizes.");

pub(super) fn status(
    service: &Service,
    cx: &Context,
    params: ProviderParams,
) -> Result<ProviderStatus> {
    let provider = params.provider;
    service.driver_of(&provider)?.provider_status(cx, &provider)
}

pub(super) fn data(
    service: &Service,
    cx: &Context,
    params: ProviderParams,
) -> Result<ProviderData> {
    let provider = params.provider;
    service.driver_of(&provider)?.provider_data(cx, &provider)
}

pub(super) fn billing(service: &Service, cx: &Context, params: ProviderParams) -> Result<Billing> {
    let provider = params.provider;
    service
        .driver_of(&provider)?
        .provider_billing(cx, &provider)
}
