//! Signatures in one form, so that those which mean the same are the same text.
//!
//! Not part of a signature here: names of parameters, names of generics, where a bound stands and in which order, attributes, a
//! lifetime's name where one is left out elsewhere, which alias of `Result` is meant, and allocators, which are unstable.

use anyhow::{Context as _, Result};
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::collections::{BTreeMap, BTreeSet};
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericArgument, GenericParam, Generics, Ident, ItemImpl, PathArguments, Type, WherePredicate, parse_quote};

/// A signature in the one form.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// Whether it is a `const fn`.
    pub is_const: bool,
    /// All but the bounds.
    pub head: String,
    /// The bounds, each with what is shown of it.
    pub bounds: BTreeMap<String, String>,
}

/// An `impl` that has been read.
#[derive(Clone, Debug)]
pub struct Header {
    item: ItemImpl,
    /// The type in the one form, if it says more than the type's name and the names of its generics.
    pub special: Option<String>,
}

/// A type alias of the stand-in: what its target has, it has, where it fits.
#[derive(Debug)]
pub struct Alias {
    name: Ident,
    generics: Generics,
    target: Type,
}

/// Which types implement the stand-in's own traits: the headers of the implementations.
pub type Implementors = BTreeMap<String, Vec<Header>>;

impl Header {
    /// Reads what rustdoc shows of an `impl`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut item: ItemImpl = syn::parse_str(&format!("{text} {{}}")).with_context(|| format!("cannot read `{text}`"))?;
        gather_bounds(&mut item.generics);
        drop_implied(&mut item.generics);
        // `Self` means the same lifetime again.
        let mut lifetimes = Named::default();
        lifetimes.visit_type_mut(&mut item.self_ty);
        item.generics.params.extend(lifetimes.0.iter().map(|lifetime| -> GenericParam { parse_quote!(#lifetime) }));
        Ok(Self::new(item))
    }

    fn new(mut item: ItemImpl) -> Self {
        OneForm { self_type: None }.visit_item_impl_mut(&mut item);
        drop_allocator(&mut item.generics);
        let plain = match &*item.self_ty {
            Type::Path(path) => path.path.segments.iter().all(|segment| match &segment.arguments {
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().all(|argument| is_generic(&item.generics, argument))
                }
                _ => true,
            }),
            _ => false,
        };
        let special = (!plain).then(|| text(item.self_ty.to_token_stream()));
        Self { item, special }
    }

    /// The trait that is implemented, if it is one; with `!` for one that is not.
    pub fn of_trait(&self) -> Option<String> {
        let (not, path, _) = self.item.trait_.as_ref()?;
        Some(format!("{}{}", if not.is_some() { "!" } else { "" }, text(path.to_token_stream())))
    }

    /// The name of that trait, without its generics.
    pub fn trait_name(&self) -> Option<String> {
        self.item.trait_.as_ref()?.1.segments.last().map(|segment| segment.ident.to_string())
    }

    /// The whole in the one form.
    pub fn signature(&self) -> Signature {
        let not = self.item.trait_.as_ref().and_then(|(not, ..)| *not);
        let path = self.item.trait_.as_ref().map(|(_, path, _)| path);
        let self_type = &self.item.self_ty;
        let mut signature = one_form(quote!(#self_type : #not #path), &[&self.item.generics], false);
        // Of a negative one that the compiler derives, rustdoc shows no bounds.
        if not.is_some() {
            signature.bounds.clear();
        }
        signature
    }

    /// Whether this is for `name`, or for something around it.
    pub fn is_for(&self, name: &str) -> bool {
        tokens(self.item.self_ty.to_token_stream()).iter().any(|token| token == name)
    }

    /// A function or constant in this `impl`, in the one form.
    pub fn member(&self, text: &str) -> Result<Signature> {
        let self_type = &self.item.self_ty;
        let start = quote!(#self_type :);
        member(text, start, Some(self))
    }

    /// This `impl` as it is for an alias, if it is one for it.
    pub fn for_alias(&self, alias: &Alias, implementors: &Implementors) -> Option<Self> {
        let mut bound = BTreeMap::new();
        let own: BTreeSet<String> = self.item.generics.type_params().map(|parameter| parameter.ident.to_string()).collect();
        if !fits(&self.item.self_ty, &alias.target, &own, &mut bound) {
            return None;
        }
        let mut item = self.item.clone();
        let known = |parameter: &GenericParam| bound.contains_key(&name(parameter));
        item.generics.params = std::mem::take(&mut item.generics.params).into_iter().filter(|own| !known(own)).collect();
        Put(&bound).visit_item_impl_mut(&mut item);
        // A bound on a type that is known by now either holds or not.
        let (mut holds, mut of_pointees) = (true, Vec::<WherePredicate>::new());
        if let Some(clause) = &mut item.generics.where_clause {
            clause.predicates = std::mem::take(&mut clause.predicates)
                .into_iter()
                .filter(|predicate| {
                    let WherePredicate::Type(predicate) = predicate else { return true };
                    for of in predicate.bounds.iter() {
                        let name = text(of.to_token_stream());
                        if let (Type::Ptr(pointer), "UnwindSafe") = (&predicate.bounded_ty, name.as_str()) {
                            let pointee = &pointer.elem;
                            of_pointees.push(parse_quote!(#pointee: RefUnwindSafe));
                        }
                        if let Some(impls) = implementors.get(&name) {
                            holds &= impls.iter().any(|header| {
                                let own = header.item.generics.type_params().map(|parameter| parameter.ident.to_string());
                                fits(&header.item.self_ty, &predicate.bounded_ty, &own.collect(), &mut BTreeMap::new())
                            });
                        }
                    }
                    bound.values().all(|known| *known != predicate.bounded_ty)
                })
                .collect();
            clause.predicates.extend(of_pointees);
        }
        if !holds {
            return None;
        }
        let (name, (parameters, generics, _)) = (&alias.name, alias.generics.split_for_impl());
        item.self_ty = parse_quote!(#name #generics);
        if !alias.generics.params.is_empty() {
            let declared: Generics = parse_quote!(#parameters);
            item.generics.params.extend(declared.params);
        }
        OneName { target: &alias.target, own: &item.self_ty.clone() }.visit_item_impl_mut(&mut item);
        let mut header = Self::new(item);
        header.special = None;
        Some(header)
    }

    /// What [`Self::for_alias`] does to the header, for what is in it: the signature as it is for the alias.
    pub fn member_for_alias(&self, text: &str, of: &Self, alias: &Alias) -> Result<Signature> {
        let mut bound = BTreeMap::new();
        let own = of.item.generics.type_params().map(|parameter| parameter.ident.to_string()).collect();
        fits(&of.item.self_ty, &alias.target, &own, &mut bound);
        let self_type = &self.item.self_ty;
        let parsed = parse_member(text)?;
        let put = |mut signature: syn::Signature| {
            Put(&bound).visit_signature_mut(&mut signature);
            OneName { target: &alias.target, own: self_type }.visit_signature_mut(&mut signature);
            signature
        };
        match parsed {
            Member::Function(signature) => Ok(function(put(*signature), quote!(#self_type :), Some(self))),
            Member::Other(tokens) => Ok(one_form(quote!(#self_type : #tokens), &[&self.item.generics], false)),
        }
    }
}

impl Alias {
    /// Reads what rustdoc shows of `pub type …`.
    pub fn parse(declaration: &str) -> Result<Self> {
        let mut item: syn::ItemType = syn::parse_str(declaration).with_context(|| format!("cannot read `{declaration}`"))?;
        // An `impl` has a `T` as well, and it is another one.
        let names = item.generics.type_params().map(|parameter| parameter.ident.clone()).collect::<Vec<_>>();
        let own = |name: &Ident| Ident::new(&format!("Alias{name}"), name.span());
        let put = names.iter().map(|name| (name.to_string(), Type::Verbatim(own(name).into_token_stream()))).collect();
        Put(&put).visit_type_mut(&mut item.ty);
        item.generics.type_params_mut().for_each(|parameter| parameter.ident = own(&parameter.ident));
        // The pieces put in are plain tokens so far.
        let target = &item.ty;
        Ok(Self { name: item.ident, generics: item.generics, target: parse_quote!(#target) })
    }
}

/// The declaration of an item of a module in the one form. Of a type, its generics.
pub fn declaration(kind: &str, text: &str) -> Result<Signature> {
    let context = || format!("cannot read `{text}`");
    let generics = |mut generics: Generics| {
        gather_bounds(&mut generics);
        drop_allocator(&mut generics);
        drop_implied(&mut generics);
        let names = generics.params.iter().map(|parameter| match parameter {
            GenericParam::Lifetime(parameter) => parameter.lifetime.to_token_stream(),
            GenericParam::Type(parameter) => parameter.ident.to_token_stream(),
            GenericParam::Const(parameter) => parameter.ident.to_token_stream(),
        });
        let names = names.collect::<Vec<_>>();
        one_form(quote!(<#(#names),*>), &[&generics], false)
    };
    Ok(match kind {
        "fn" | "constant" => member(text, TokenStream::new(), None)?,
        "struct" | "enum" => {
            // Fields are parts of their own.
            let read = |input: syn::parse::ParseStream<'_>| {
                input.call(syn::Attribute::parse_outer)?;
                input.parse::<syn::Visibility>()?;
                input.call(Ident::parse_any)?; // `struct` or `enum`
                input.parse::<Ident>()?;
                let mut generics: Generics = input.parse()?;
                if input.peek(syn::token::Paren) {
                    input.parse::<TokenTree>()?;
                }
                generics.where_clause = input.parse()?;
                input.parse::<TokenStream>()?;
                Ok(generics)
            };
            generics(read.parse_str(text).with_context(context)?)
        }
        "type" => {
            let mut item: syn::ItemType = syn::parse_str(text).with_context(context)?;
            OneForm { self_type: None }.visit_type_mut(&mut item.ty);
            let target = &item.ty;
            one_form(quote!(#target), &[&item.generics], false)
        }
        _ => Signature::default(),
    })
}

enum Member {
    Function(Box<syn::Signature>),
    Other(TokenStream),
}

fn parse_member(text: &str) -> Result<Member> {
    let context = || format!("cannot read `{text}`");
    let text = text.trim_end_matches(';').trim_start_matches("pub ");
    if let Ok(function) = syn::parse_str::<syn::TraitItemFn>(&format!("{text};")) {
        return Ok(Member::Function(Box::new(function.sig)));
    }
    Ok(Member::Other(text.parse().map_err(|error| anyhow::anyhow!("{error}")).with_context(context)?))
}

fn member(text: &str, start: TokenStream, header: Option<&Header>) -> Result<Signature> {
    Ok(match parse_member(text)? {
        Member::Function(signature) => function(*signature, start, header),
        Member::Other(tokens) => one_form(quote!(#start #tokens), &[], false),
    })
}

fn function(mut signature: syn::Signature, start: TokenStream, header: Option<&Header>) -> Signature {
    gather_bounds(&mut signature.generics);
    drop_allocator(&mut signature.generics);
    let self_type = header.map(|header| (*header.item.self_ty).clone());
    OneForm { self_type }.visit_signature_mut(&mut signature);
    let is_const = signature.constness.take().is_some();
    let syn::Signature { unsafety, ident, inputs, output, generics, .. } = &signature;
    let names = generics.type_params().map(|parameter| &parameter.ident).collect::<Vec<_>>();
    let own = header.map(|header| &header.item.generics);
    let all: Vec<&Generics> = own.into_iter().chain([generics]).collect();
    one_form(quote!(#start #unsafety fn #ident <#(#names),*> (#inputs) #output), &all, is_const)
}

/// Moves bounds from where a parameter is declared to the `where` clause, and removes defaults.
fn gather_bounds(generics: &mut Generics) {
    let mut gathered: Vec<WherePredicate> = Vec::new();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Type(parameter) => {
                let (name, bounds) = (&parameter.ident, std::mem::take(&mut parameter.bounds));
                gathered.extend(bounds.iter().map(|bound| parse_quote!(#name: #bound)));
                parameter.colon_token = None;
                parameter.default = None;
            }
            GenericParam::Lifetime(parameter) => {
                let (name, bounds) = (&parameter.lifetime, std::mem::take(&mut parameter.bounds));
                gathered.extend(bounds.iter().map(|bound| -> WherePredicate { parse_quote!(#name: #bound) }));
                parameter.colon_token = None;
            }
            GenericParam::Const(_) => {}
        }
    }
    let clause = generics.make_where_clause();
    for predicate in std::mem::take(&mut clause.predicates) {
        match predicate {
            WherePredicate::Type(predicate) => {
                let (lifetimes, of) = (&predicate.lifetimes, &predicate.bounded_ty);
                gathered.extend(predicate.bounds.iter().map(|bound| parse_quote!(#lifetimes #of: #bound)));
            }
            WherePredicate::Lifetime(predicate) => {
                let of = &predicate.lifetime;
                gathered.extend(predicate.bounds.iter().map(|bound| -> WherePredicate { parse_quote!(#of: #bound) }));
            }
            other => gathered.push(other),
        }
    }
    clause.predicates.extend(gathered);
}

/// `A` is how `std` names the allocator of a type.
fn drop_allocator(generics: &mut Generics) {
    generics.params = std::mem::take(&mut generics.params)
        .into_iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Type(parameter) if parameter.ident == "A"))
        .collect();
    keep_bounds(generics, |bound| !matches!(bound, WherePredicate::Type(of) if text(of.bounded_ty.to_token_stream()) == "A"));
}

/// What has to outlive what, in a type or for one, the compiler finds out by itself.
fn drop_implied(generics: &mut Generics) {
    keep_bounds(generics, |bound| match bound {
        WherePredicate::Type(bound) => !matches!(bound.bounds.first(), Some(syn::TypeParamBound::Lifetime(_))),
        _ => false,
    });
}

fn keep_bounds(generics: &mut Generics, keep: impl Fn(&WherePredicate) -> bool) {
    if let Some(clause) = &mut generics.where_clause {
        clause.predicates = std::mem::take(&mut clause.predicates).into_iter().filter(|bound| keep(bound)).collect();
    }
}

fn is_generic(generics: &Generics, argument: &GenericArgument) -> bool {
    match argument {
        GenericArgument::Lifetime(_) => true,
        GenericArgument::Type(of) => {
            let name = text(of.to_token_stream());
            generics.type_params().any(|parameter| parameter.ident == name)
        }
        _ => false,
    }
}

/// Whether `pattern`, with its generics, can be `target`; and if so, what they stand for.
fn fits(pattern: &Type, target: &Type, own: &BTreeSet<String>, bound: &mut BTreeMap<String, Type>) -> bool {
    let name = text(pattern.to_token_stream());
    if own.contains(&name) {
        let known = bound.entry(name).or_insert_with(|| target.clone());
        return known == target;
    }
    match (pattern, target) {
        (Type::Ptr(pattern), Type::Ptr(target)) => {
            pattern.mutability == target.mutability && fits(&pattern.elem, &target.elem, own, bound)
        }
        (Type::Path(pattern), Type::Path(target)) => {
            let (Some(one), Some(other)) = (pattern.path.segments.last(), target.path.segments.last()) else { return false };
            if one.ident != other.ident {
                return false;
            }
            let types = |arguments: &PathArguments| match arguments {
                PathArguments::AngleBracketed(arguments) => arguments
                    .args
                    .iter()
                    .filter_map(|argument| if let GenericArgument::Type(of) = argument { Some(of.clone()) } else { None })
                    .collect(),
                _ => Vec::new(),
            };
            let (one, other) = (types(&one.arguments), types(&other.arguments));
            one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| fits(one, other, own, bound))
        }
        _ => pattern == target,
    }
}

/// Names the lifetimes that have no name.
#[derive(Default)]
struct Named(Vec<syn::Lifetime>);

impl VisitMut for Named {
    fn visit_lifetime_mut(&mut self, lifetime: &mut syn::Lifetime) {
        if lifetime.ident == "_" {
            lifetime.ident = Ident::new(&format!("unnamed{}", self.0.len()), lifetime.ident.span());
            self.0.push(lifetime.clone());
        }
    }
}

/// Puts types in the place of generics.
struct Put<'a>(&'a BTreeMap<String, Type>);

impl VisitMut for Put<'_> {
    fn visit_type_mut(&mut self, of: &mut Type) {
        if let Some(known) = self.0.get(&text(of.to_token_stream())) {
            *of = known.clone();
        } else {
            visit_mut::visit_type_mut(self, of);
        }
    }
}

/// Puts the alias in the place of what it stands for.
struct OneName<'a> {
    target: &'a Type,
    own: &'a Type,
}

impl VisitMut for OneName<'_> {
    fn visit_type_mut(&mut self, of: &mut Type) {
        if of == self.target {
            *of = self.own.clone();
        } else {
            visit_mut::visit_type_mut(self, of);
        }
    }
}

/// Expands `Self` and the aliases of `Result`, drops allocators and names of parameters.
struct OneForm {
    self_type: Option<Type>,
}

impl VisitMut for OneForm {
    fn visit_type_mut(&mut self, of: &mut Type) {
        if text(of.to_token_stream()) == "Self"
            && let Some(own) = &self.self_type
        {
            *of = own.clone();
        }
        visit_mut::visit_type_mut(self, of);
        let Type::Path(path) = &*of else { return };
        let name = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::");
        let argument = path.path.segments.last().map(|segment| &segment.arguments);
        let argument = match argument {
            Some(PathArguments::AngleBracketed(arguments)) => arguments.args.first().cloned(),
            _ => None,
        };
        *of = match name.as_str() {
            "LockResult" => parse_quote!(Result<#argument, PoisonError<#argument>>),
            "TryLockResult" => parse_quote!(Result<#argument, TryLockError<#argument>>),
            "thread::Result" => parse_quote!(Result<#argument, Box<dyn Any + Send>>),
            "io::Result" | "fmt::Result" => match argument {
                Some(argument) => parse_quote!(Result<#argument, Error>),
                None => parse_quote!(Result<(), Error>),
            },
            _ => return,
        };
    }

    fn visit_angle_bracketed_generic_arguments_mut(&mut self, arguments: &mut syn::AngleBracketedGenericArguments) {
        arguments.args = std::mem::take(&mut arguments.args)
            .into_iter()
            .filter(|argument| !matches!(argument, GenericArgument::Type(of) if text(of.to_token_stream()) == "A"))
            .collect();
        visit_mut::visit_angle_bracketed_generic_arguments_mut(self, arguments);
    }

    fn visit_fn_arg_mut(&mut self, argument: &mut FnArg) {
        // `self` stays short.
        if !matches!(argument, FnArg::Receiver(receiver) if receiver.colon_token.is_none()) {
            visit_mut::visit_fn_arg_mut(self, argument);
        }
        if let FnArg::Typed(argument) = argument {
            *argument.pat = parse_quote!(_);
        }
    }
}

/// Makes the text, with the generics named in the order in which they come.
fn one_form(head: TokenStream, generics: &[&Generics], is_const: bool) -> Signature {
    let head = tokens(head);
    let predicates = generics.iter().filter_map(|generics| generics.where_clause.as_ref());
    let predicates: Vec<Vec<String>> =
        predicates.flat_map(|clause| clause.predicates.iter().map(|predicate| tokens(predicate.to_token_stream()))).collect();
    let (mut names, mut lifetimes, mut types) = (BTreeMap::new(), 0.., 0..);
    let declared: Vec<String> = generics.iter().flat_map(|generics| &generics.params).map(name).collect();
    let uses = |name: &str| head.iter().chain(predicates.iter().flatten()).filter(|token| *token == name).count();
    let in_order = head.iter().filter(|token| declared.contains(token)).chain(&declared);
    for name in in_order {
        let mut next = || match (name.starts_with('\''), uses(name)) {
            (true, 0 | 1) => "'_".to_owned(),
            (true, _) => format!("'l{}", lifetimes.next().unwrap_or_default()),
            (false, _) => format!("T{}", types.next().unwrap_or_default()),
        };
        names.entry(name.clone()).or_insert_with(&mut next);
    }
    let text = |tokens: &[String]| {
        let renamed: Vec<&str> = tokens.iter().map(|token| names.get(token).map_or(token.as_str(), String::as_str)).collect();
        renamed.join(" ").replace("& '_ ", "& ").replace("< > ", "").replace(", )", ")").replace(", >", ">")
    };
    let mut bounds: BTreeMap<String, String> =
        predicates.iter().map(|predicate| (text(predicate), tighten(&predicate.join(" ")))).collect();
    let head = text(&head);
    // What is handed over by itself has a size, whatever the bounds of the `impl` say: rustdoc does not show `where T: Sized`.
    bounds.retain(|bound, _| {
        let of = bound.strip_suffix(" : ? Sized");
        of.is_none_or(|of| !["-> ", "Result < "].iter().any(|before| format!("{head} ").contains(&format!("{before}{of} "))))
    });
    Signature { is_const, head, bounds }
}

fn name(parameter: &GenericParam) -> String {
    match parameter {
        GenericParam::Lifetime(parameter) => parameter.lifetime.to_string(),
        GenericParam::Type(parameter) => parameter.ident.to_string(),
        GenericParam::Const(parameter) => parameter.ident.to_string(),
    }
}

/// Each token by itself, and a lifetime as one.
fn tokens(stream: TokenStream) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let (open, end) = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::None => ("", ""),
                };
                all.push(open.to_owned());
                all.extend(tokens(group.stream()));
                all.push(end.to_owned());
            }
            other => {
                let token = other.to_string();
                match all.last_mut() {
                    Some(last) if last == "'" => last.push_str(&token),
                    _ => all.push(token),
                }
            }
        }
    }
    all.retain(|token| !token.is_empty());
    all
}

fn text(stream: TokenStream) -> String {
    tighten(&tokens(stream).join(" "))
}

/// Takes out the spaces that nobody writes.
fn tighten(text: &str) -> String {
    let tight = [(" < ", "<"), (" >", ">"), ("& ", "&"), (" ,", ","), (" : : ", "::"), (" ( ", "("), ("( ", "("), (" )", ")")];
    let tighter = [(" : ", ": "), ("[ ", "["), (" ]", "]"), ("* ", "*"), (" ;", ";"), ("? ", "?"), (" - >", " ->")];
    tight.iter().chain(&tighter).fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::{Alias, Header, Implementors, Signature};
    use anyhow::{Context as _, Result};

    /// What decides whether two signatures are the same.
    fn of(signature: &Signature) -> (bool, &str, Vec<&String>) {
        (signature.is_const, &signature.head, signature.bounds.keys().collect())
    }

    fn are_the_same(one: (&str, &str), other: (&str, &str)) -> Result<bool> {
        let one = Header::parse(one.0)?.member(one.1)?;
        let other = Header::parse(other.0)?.member(other.1)?;
        Ok(of(&one) == of(&other))
    }

    #[test]
    fn names_places_of_bounds_and_aliases_do_not_matter() -> Result<()> {
        let ours = ("impl<T: ?Sized> Mutex<T>", "pub fn lock(&self) -> LockResult<MutexGuard<'_, T>>");
        let std = (
            "impl<U> Mutex<U> where U: ?Sized,",
            "pub fn lock<'a>(&self) -> Result<MutexGuard<'a, U>, PoisonError<MutexGuard<'a, U>>>",
        );
        // A lifetime that is used twice is one that is asked for.
        assert!(!are_the_same(ours, std)?);
        let std = (std.0, "pub fn lock(&self) -> Result<MutexGuard<'_, U>, PoisonError<MutexGuard<'_, U>>>");
        assert!(are_the_same(ours, std)?);
        let ours = ("impl<T> Scope<'_, T>", "pub fn start<F: FnOnce() -> T + Send>(&self, body: F) -> Self");
        let std = ("impl<'s, T> Scope<'s, T>", "pub fn start<G>(&self, f: G) -> Scope<'s, T> where G: Send + FnOnce() -> T,");
        assert!(are_the_same(ours, std)?);
        Ok(())
    }

    #[test]
    fn bounds_and_types_matter() -> Result<()> {
        let header = "impl<T> Cell<T>";
        assert!(!are_the_same((header, "fn take(&self) -> T"), (header, "fn take(&self) -> T where T: Default"))?);
        assert!(!are_the_same((header, "fn get(&self) -> T"), (header, "fn get(&mut self) -> T"))?);
        assert!(!are_the_same((header, "fn new(value: T) -> Self"), (header, "const fn new(value: T) -> Self"))?);
        assert!(!are_the_same((header, "fn a<F: Fn()>(f: F)"), (header, "fn a(f: impl Fn())"))?);
        Ok(())
    }

    #[test]
    fn an_alias_has_what_fits_it() -> Result<()> {
        let alias = Alias::parse("pub type AtomicPtr<T> = Atomic<*mut T>;")?;
        let integers = vec![Header::parse("impl Integer for u8")?];
        let implementors = Implementors::from([("Integer".to_owned(), integers)]);
        let for_all = Header::parse("impl<T> Atomic<T>")?;
        let own = for_all.for_alias(&alias, &implementors).context("fits")?;
        let load = own.member_for_alias("pub fn load(&self) -> T", &for_all, &alias)?;
        let std = Header::parse("impl<T> AtomicPtr<T>")?.member("pub fn load(&self) -> *mut T")?;
        assert_eq!(of(&load), of(&std));
        for other in ["impl<T: Integer> Atomic<T>", "impl Atomic<bool>", "impl<T> Other<T>"] {
            assert!(Header::parse(other)?.for_alias(&alias, &implementors).is_none(), "{other}");
        }
        Ok(())
    }
}
