//! `#[derive(Module)]`: the walk over a struct's parameters, with paths from its field names.

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, GenericParam, Index, Type, parse_macro_input};

/// Implements `nn::Module`: visits every field in order under its name (or number).
///
/// The number type is the type parameter bounded by `Real`, if there is one, else `f32`;
/// `#[module(real = "f64")]` on the struct names another. A field under `#[module(skip)]` is left out; one under
/// `#[module(flatten)]` is visited without a name of its own.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(input).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn expand(input: DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "`Module` can be derived for structs; write it by hand for others",
        ));
    };
    let name = &input.ident;
    let mut real = real_parameter(&input.generics).map(|ident| quote!(#ident)).unwrap_or(quote!(f32));
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("real") {
                return Err(meta.error("expected `real = \"f64\"`"));
            }
            let named: syn::LitStr = meta.value()?.parse()?;
            let named: Type = named.parse()?;
            real = quote!(#named);
            Ok(())
        })?;
    }

    let mut visits = Vec::new();
    let mut visits_mut = Vec::new();
    let named = matches!(data.fields, Fields::Named(_));
    for (number, field) in data.fields.iter().enumerate() {
        let (mut skip, mut flatten) = (false, false);
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("module")) {
            attribute.parse_nested_meta(|meta| {
                match () {
                    _ if meta.path.is_ident("skip") => skip = true,
                    _ if meta.path.is_ident("flatten") => flatten = true,
                    _ => return Err(meta.error("expected `skip` or `flatten`")),
                }
                Ok(())
            })?;
        }
        if skip {
            continue;
        }
        let (text, access) = match &field.ident {
            Some(ident) if named => (ident.to_string(), quote!(#ident)),
            _ => {
                let index = Index::from(number);
                (number.to_string(), quote!(#index))
            }
        };
        if flatten {
            visits.push(quote!(::nn::Module::<#real>::visit(&self.#access, path, visit);));
            visits_mut.push(quote!(::nn::Module::<#real>::visit_mut(&mut self.#access, path, visit);));
            continue;
        }
        visits.push(quote! {
            path.within(#text, |path| ::nn::Module::<#real>::visit(&self.#access, path, visit));
        });
        visits_mut.push(quote! {
            path.within(#text, |path| ::nn::Module::<#real>::visit_mut(&mut self.#access, path, visit));
        });
    }

    let mut generics = input.generics.clone();
    let parameters: Vec<_> = input
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.clone()),
            _ => None,
        })
        .filter(|ident| Some(ident) != real_parameter(&input.generics).as_ref())
        .collect();
    let clause = generics.make_where_clause();
    for parameter in parameters {
        clause.predicates.push(syn::parse_quote!(#parameter: ::nn::Module<#real>));
    }
    let (implementation, _, clause) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    Ok(quote! {
        impl #implementation ::nn::Module<#real> for #name #arguments #clause {
            fn visit<'module>(
                &'module self,
                path: &mut ::nn::Path,
                visit: &mut dyn FnMut(&str, &'module ::nn::Param<#real>),
            ) {
                let _ = (&path, &visit);
                #(#visits)*
            }
            fn visit_mut(&mut self, path: &mut ::nn::Path, visit: &mut dyn FnMut(&str, &mut ::nn::Param<#real>)) {
                let _ = (&path, &visit);
                #(#visits_mut)*
            }
        }
    })
}

/// The type parameter that is bounded by `Real`.
fn real_parameter(generics: &syn::Generics) -> Option<syn::Ident> {
    generics.type_params().find_map(|parameter| {
        let is_real = |bound: &syn::TypeParamBound| match bound {
            syn::TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|s| s.ident == "Real"),
            _ => false,
        };
        parameter.bounds.iter().any(is_real).then(|| parameter.ident.clone())
    })
}
