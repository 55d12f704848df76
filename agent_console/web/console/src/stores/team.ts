/** Who works here and how the groups are run. */
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/team_api'
import type { Colleague, ColleagueChanges, GroupPlan, NewColleague, PlannedGroup } from '@/protocol'
import { useSession } from './session'

export const useTeam = defineStore('team', () => {
  const session = useSession()
  const people = shallowRef<readonly Colleague[] | null>(null)
  const groups = shallowRef<readonly PlannedGroup[] | null>(null)

  async function loadPeople(): Promise<void> {
    people.value = (await api.people()).agents
  }

  async function loadGroups(): Promise<void> {
    groups.value = await api.groups()
  }

  async function saveGroup(id: string, plan: Partial<GroupPlan>): Promise<void> {
    await api.setGroup(id, plan)
    await Promise.all([loadGroups(), session.learnGroups()])
  }

  async function addPerson(person: NewColleague): Promise<void> {
    await api.addPerson(person)
    await loadPeople()
  }

  async function changePerson(id: string, changes: ColleagueChanges): Promise<void> {
    await api.changePerson(id, changes)
    await loadPeople()
  }

  return { people, groups, loadPeople, loadGroups, saveGroup, addPerson, changePerson }
})
