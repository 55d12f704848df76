/** Which errands make sense for an order as it stands; the shop has the last word on each. */
import type { Errand, OrderState } from '@/protocol'

const FOR_STATE: Record<OrderState, readonly Errand[]> = {
  unpaid: ['address', 'cancel'],
  paid: ['urge', 'address', 'invoice', 'price-protection', 'cancel'],
  packing: ['urge', 'address', 'invoice', 'price-protection', 'cancel'],
  shipped: ['urge', 'after-sale', 'invoice', 'price-protection'],
  delivering: ['urge', 'after-sale', 'invoice', 'price-protection'],
  signed: ['after-sale', 'invoice', 'price-protection'],
  completed: ['after-sale', 'invoice'],
  after_sale: ['invoice'],
  cancelled: [],
}

export const errandsFor = (state: OrderState): readonly Errand[] => FOR_STATE[state] ?? []

export interface ErrandForm {
  name: string
  phone: string
  text: string
  isCompany: boolean
  title: string
  taxNo: string
  kind: 'return' | 'exchange' | 'refund' | 'repair'
  reason: string
  amount: string
}
export const emptyErrand = (): ErrandForm => ({ name: '', phone: '', text: '', isCompany: false, title: '', taxNo: '', kind: 'return', reason: '', amount: '' })

/** What goes to the shop, or null while something is missing. */
export function detailsOf(errand: Errand, form: ErrandForm): Record<string, unknown> | null {
  const [name, phone, text, title, taxNo, reason, amount] = [form.name, form.phone, form.text, form.title, form.taxNo, form.reason, form.amount].map((one) => one.trim()) as [string, string, string, string, string, string, string]
  if (errand === 'address') return name && phone && text ? { name, phone, text } : null
  if (errand === 'invoice') {
    if (!title || (form.isCompany && !taxNo)) return null
    return { kind: form.isCompany ? 'company' : 'personal', title, ...(form.isCompany ? { tax_no: taxNo } : {}) }
  }
  if (errand === 'after-sale') {
    if (!reason || (amount && !(Number(amount) > 0))) return null
    return { kind: form.kind, reason, ...(amount ? { amount: Number(amount) } : {}) }
  }
  return {}
}
