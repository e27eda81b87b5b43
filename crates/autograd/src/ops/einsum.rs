//! Sums of products by an equation of the axes' names, made of the other operations: axes that two operands share and
//! nothing else needs are contracted by a matrix product.

use super::shape::{Extents, Permute};
use crate::algebra::Real;
use crate::{Array, Error, Shape};

/// An operand on its way: its axes by name.
struct Term<A> {
    value: A,
    axes: Vec<char>,
}

/// The names of all axes, and how far each reaches.
struct Equation {
    operands: Vec<Vec<char>>,
    output: Vec<char>,
    extents: Vec<(char, usize)>,
}

/// The axes of `...` have names that nobody writes, counted from the last.
const UNNAMED: u32 = 0xE000;

#[track_caller]
pub(crate) fn einsum<A: Array<T>, T: Real>(equation: &str, operands: &[&A]) -> Result<A, Error> {
    let shapes: Vec<Shape> = operands.iter().map(|x| x.shape()).collect();
    let equation = Equation::parse(equation, &shapes)?;
    let mut terms: Vec<Term<A>> = Vec::new();
    for (&value, axes) in operands.iter().zip(&equation.operands) {
        terms.push(equation.distinct(value, axes)?);
    }
    for i in 0..terms.len() {
        // What one operand alone has is summed before it can make a product larger.
        let others = needed(&terms, &[i], &equation.output);
        let lonely: Vec<isize> = (0..terms[i].axes.len())
            .filter(|&axis| !others.contains(&terms[i].axes[axis]))
            .map(|axis| axis as isize)
            .collect();
        if !lonely.is_empty() {
            terms[i].value = terms[i].value.sum_axes(&lonely[..]);
            terms[i].axes.retain(|name| others.contains(name));
        }
    }
    while terms.len() > 1 {
        let (i, j) = equation.cheapest(&terms);
        let others = needed(&terms, &[i, j], &equation.output);
        let (right, left) = (terms.remove(j), terms.remove(i));
        terms.insert(i, equation.contract(left, right, &others)?);
    }
    match terms.pop() {
        Some(term) => arranged(&term, &equation.output),
        None => Err(Error::value("no operand", "give at least one")),
    }
}

/// The names that the output or a term other than these has.
fn needed<A>(terms: &[Term<A>], except: &[usize], output: &[char]) -> Vec<char> {
    let others = terms.iter().enumerate().filter(|(i, _)| !except.contains(i)).flat_map(|(_, term)| &term.axes);
    others.chain(output).copied().collect()
}

/// The value with its axes in this order.
#[track_caller]
fn arranged<A: Array<T>, T: Real>(term: &Term<A>, order: &[char]) -> Result<A, Error> {
    if term.axes == order {
        return Ok(term.value.clone());
    }
    let place = |name: &char| term.axes.iter().position(|axis| axis == name).unwrap_or_default() as isize;
    A::try_apply(Permute { axes: order.iter().map(place).collect() }, &[&term.value])
}

#[track_caller]
fn reshaped<A: Array<T>, T: Real>(x: A, extents: &[usize]) -> Result<A, Error> {
    if x.shape()[..] == *extents {
        return Ok(x);
    }
    let extents: Vec<isize> = extents.iter().map(|&extent| extent as isize).collect();
    x.try_reshape(Extents::from(&extents[..]))
}

impl Equation {
    fn parse(text: &str, shapes: &[Shape]) -> Result<Self, Error> {
        let malformed = |problem: String| Error::value(problem, "write it like `ij,jk->ik`: a letter an axis");
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match compact.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (&compact[..], None),
        };
        let lists: Vec<&str> = inputs.split(',').collect();
        for part in lists.iter().copied().chain(output) {
            let named = part.replacen("...", "", 1);
            if let Some(odd) = named.chars().find(|c| !c.is_alphabetic()) {
                return Err(malformed(format!("`{odd}` in the equation `{text}` is not the name of an axis")));
            }
        }
        if lists.len() != shapes.len() {
            let problem =
                format!("the number of operands differs: {} in `{text}`, {} given", lists.len(), shapes.len());
            return Err(Error::value(problem, "name the axes of each operand, with commas between operands"));
        }
        let mut unnamed = 0;
        let mut operands = Vec::new();
        for (list, shape) in lists.iter().zip(shapes) {
            let named = list.replacen("...", "", 1).chars().count();
            let rest = if list.contains("...") { shape.rank().checked_sub(named) } else { Some(0) };
            let Some(rest) = rest.filter(|rest| named + rest == shape.rank()) else {
                return Err(Error::shape(
                    format!("`{list}` names {named} axes of an operand of shape {shape}, which has {}", shape.rank()),
                    "give each axis one letter; `...` stands for those in front or between that keep their places",
                ));
            };
            unnamed = unnamed.max(rest);
            operands.push(expand(list, rest));
        }
        let all: Vec<char> = operands.concat();
        let output = match output {
            Some(output) => expand(output, if output.contains("...") { unnamed } else { 0 }),
            None => {
                // Those of `...`, then the letters that occur once, in the order of the alphabet.
                let mut once: Vec<char> = all.iter().copied().filter(|c| c.is_alphabetic()).collect();
                once.retain(|name| all.iter().filter(|&other| other == name).count() == 1);
                once.sort_unstable();
                [expand("...", unnamed), once].concat()
            }
        };
        for (place, name) in output.iter().enumerate() {
            if !all.contains(name) {
                let problem = format!("the output index `{name}` of `{text}` occurs in no operand");
                return Err(Error::value(problem, "the output can only have axes that an operand has"));
            }
            if output[..place].contains(name) {
                let problem = format!("the output index `{name}` of `{text}` is named twice");
                return Err(Error::value(problem, "name each axis of the output once"));
            }
        }
        let mut extents: Vec<(char, usize)> = Vec::new();
        for (axes, shape) in operands.iter().zip(shapes) {
            for (&name, &extent) in axes.iter().zip(shape.iter()) {
                match extents.iter_mut().find(|(other, _)| *other == name) {
                    None => extents.push((name, extent)),
                    Some((_, known)) if *known == extent || extent == 1 => {}
                    Some((_, known)) if *known == 1 => *known = extent,
                    Some((_, known)) => {
                        let shown = if name.is_alphabetic() { format!("`{name}`") } else { "`...`".to_string() };
                        return Err(Error::shape(
                            format!(
                                "the index {shown} of `{text}` has extent {known} in one place and {extent} in another"
                            ),
                            "axes of one name must have one extent (or 1, which stretches)",
                        ));
                    }
                }
            }
        }
        Ok(Equation { operands, output, extents })
    }

    fn extent(&self, name: char) -> usize {
        self.extents.iter().find(|(other, _)| *other == name).map_or(1, |&(_, extent)| extent)
    }

    fn extents_of(&self, names: &[char]) -> Vec<usize> {
        names.iter().map(|&name| self.extent(name)).collect()
    }

    /// An operand with each axis under a name of its own: axes that stretch are dropped, of axes with one name the
    /// diagonal is taken.
    #[track_caller]
    fn distinct<A: Array<T>, T: Real>(&self, value: &A, axes: &[char]) -> Result<Term<A>, Error> {
        let shape = value.shape();
        let keep: Vec<usize> = (0..axes.len()).filter(|&i| shape[i] == self.extent(axes[i])).collect();
        let mut axes: Vec<char> = keep.iter().map(|&i| axes[i]).collect();
        let mut value = reshaped(value.clone(), &self.extents_of(&axes))?;
        while let Some(second) = (0..axes.len()).find(|&i| axes[..i].contains(&axes[i])) {
            let name = axes[second];
            let first = axes.iter().position(|&other| other == name).unwrap_or_default();
            let rest: Vec<usize> = (0..axes.len()).filter(|&i| i != first && i != second).collect();
            let order = rest.iter().chain(&[first, second]).map(|&i| i as isize).collect();
            let extent = self.extent(name);
            axes = rest.iter().map(|&i| axes[i]).collect();
            let mut flat = self.extents_of(&axes);
            flat.push(extent * extent);
            // In a matrix of n columns that is read row by row, neighbours on the diagonal are n + 1 apart.
            let permuted = A::try_apply(Permute { axes: order }, &[&value])?;
            value = reshaped(permuted, &flat)?.slice_step(-1, .., extent as isize + 1);
            axes.push(name);
        }
        Ok(Term { value, axes })
    }

    /// The pair with the fewest multiplications.
    fn cheapest<A>(&self, terms: &[Term<A>]) -> (usize, usize) {
        let cost = |i: usize, j: usize| -> f64 {
            let alone = terms[j].axes.iter().filter(|name| !terms[i].axes.contains(name));
            terms[i].axes.iter().chain(alone).map(|&name| self.extent(name) as f64).product()
        };
        let pairs = (0..terms.len()).flat_map(|i| (i + 1..terms.len()).map(move |j| (i, j)));
        pairs.min_by(|&(a, b), &(c, d)| cost(a, b).total_cmp(&cost(c, d))).unwrap_or((0, 1))
    }

    /// The product of two terms, summed over the names that both have and nothing else needs.
    #[track_caller]
    fn contract<A: Array<T>, T: Real>(&self, a: Term<A>, b: Term<A>, needed: &[char]) -> Result<Term<A>, Error> {
        let (shared, left): (Vec<char>, Vec<char>) = a.axes.iter().partition(|name| b.axes.contains(name));
        let right: Vec<char> = b.axes.iter().copied().filter(|name| !a.axes.contains(name)).collect();
        let (stack, summed): (Vec<char>, Vec<char>) = shared.iter().partition(|name| needed.contains(name));
        let count = |names: &[char]| self.extents_of(names).iter().product::<usize>();
        let ones = |names: &[char]| vec![1; names.len()];
        let axes = [&stack[..], &left, &right].concat();
        let value = if summed.is_empty() || (left.is_empty() && right.is_empty() && !stack.is_empty()) {
            let a = arranged(&a, &[&stack[..], &left, &summed].concat())?;
            let a = reshaped(
                a,
                &[self.extents_of(&[&stack[..], &left].concat()), ones(&right), self.extents_of(&summed)].concat(),
            )?;
            let b = arranged(&b, &[&stack[..], &right, &summed].concat())?;
            let b = reshaped(
                b,
                &[self.extents_of(&stack), ones(&left), self.extents_of(&[&right[..], &summed].concat())].concat(),
            )?;
            let product = a * &b;
            let last: Vec<isize> = (axes.len()..product.shape().rank()).map(|axis| axis as isize).collect();
            if last.is_empty() { product } else { product.sum_axes(&last[..]) }
        } else {
            // Groups of axes become one axis each, unless they are one already.
            let a = arranged(&a, &[&stack[..], &left, &summed].concat())?;
            let b = arranged(&b, &[&stack[..], &summed, &right].concat())?;
            let stacked = self.extents_of(&stack);
            let a = reshaped(a, &[&stacked[..], &[count(&left), count(&summed)]].concat())?;
            let b = reshaped(b, &[&stacked[..], &[count(&summed), count(&right)]].concat())?;
            reshaped(a.try_matmul(&b)?, &self.extents_of(&axes))?
        };
        Ok(Term { value, axes })
    }
}

/// The names in a list, `...` standing for `unnamed` axes.
fn expand(list: &str, unnamed: usize) -> Vec<char> {
    let rest = |count: usize| (0..count as u32).rev().filter_map(|k| char::from_u32(UNNAMED + k));
    match list.split_once("...") {
        Some((front, back)) => front.chars().chain(rest(unnamed)).chain(back.chars()).collect(),
        None => list.chars().collect(),
    }
}
