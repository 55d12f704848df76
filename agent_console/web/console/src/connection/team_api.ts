/** The console's calls about groups and colleagues. */
import type { Colleague, ColleagueChanges, Group, GroupPlan, Me, NewColleague, PlannedGroup } from '@/protocol'
import { call } from './rest'

const ROOT = '/api/v1/console'

export const people = async () => (await call<{ agents: Colleague[]; groups: Group[] }>('GET', `${ROOT}/agents`)).data
export const groups = async () => (await call<{ groups: PlannedGroup[] }>('GET', `${ROOT}/groups`)).data.groups
export const setGroup = async (id: string, plan: Partial<GroupPlan>) =>
  (await call<PlannedGroup>('PUT', `${ROOT}/groups/${encodeURIComponent(id)}`, { body: plan })).data
export const addPerson = async (person: NewColleague) => (await call<Me>('POST', `${ROOT}/agents`, { body: person })).data
export const changePerson = async (id: string, changes: ColleagueChanges) =>
  (await call<Colleague>('PUT', `${ROOT}/agents/${encodeURIComponent(id)}`, { body: changes })).data
