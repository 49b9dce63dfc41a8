import type { GraphState, KnownBusiness, KnownPhone, PhoneFields } from './graph-state.ts';

/** Changes what Graph tells of a number. */
export function setPhone(state: GraphState, id: string, fields: Partial<PhoneFields>): void {
  Object.assign(phoneOf(state, id).phone, fields);
}

/** Gives a number to another account, as a migration does. */
export function movePhone(state: GraphState, id: string, toWabaId: string): void {
  const target = state.businesses.get(toWabaId);
  if (!target) throw new Error(`The pretend Meta knows no account ${toWabaId}.`);
  const { phone } = phoneOf(state, id);
  deletePhone(state, id);
  target.phoneNumbers.push(phone);
  state.wabaOfPhone.set(id, toWabaId);
}

export function deletePhone(state: GraphState, id: string): void {
  const { business, phone } = phoneOf(state, id);
  business.phoneNumbers.splice(business.phoneNumbers.indexOf(phone), 1);
  state.wabaOfPhone.delete(id);
}

function phoneOf(state: GraphState, id: string): { business: KnownBusiness; phone: KnownPhone } {
  const business = state.businesses.get(state.wabaOfPhone.get(id) ?? '');
  const phone = business?.phoneNumbers.find((one) => one.id === id);
  if (!business || !phone) throw new Error(`The pretend Meta knows no phone number ${id}.`);
  return { business, phone };
}
