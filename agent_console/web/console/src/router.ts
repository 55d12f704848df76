/** The console's addresses, and who may see which before signing in. */
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { useSession } from './stores/session'

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory('/console/'),
    routes: [
      { path: '/sign-in', name: 'sign-in', component: () => import('./views/entrance/SignIn.vue') },
      { path: '/set-up', name: 'set-up', component: () => import('./views/entrance/SetUp.vue') },
      {
        path: '/',
        component: () => import('./views/Shell.vue'),
        children: [
          { path: '', name: 'home', redirect: () => ({ name: useSession().home }) },
          { path: 'conversations/:id?', name: 'conversations', component: () => import('./views/conversations/ConversationsPage.vue'), props: true },
          { path: 'settings/:tab?', name: 'settings', component: () => import('./views/settings/SettingsPage.vue'), props: true },
          { path: 'knowledge/:id?', name: 'knowledge', component: () => import('./views/knowledge/KnowledgePage.vue'), props: true },
        ],
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
  router.beforeEach(async (to) => {
    const session = useSession()
    try {
      await session.load()
    } catch {
      // The sign-in page says that the desk cannot be reached, and tries again.
      return to.name === 'sign-in' ? true : { name: 'sign-in', query: { next: to.fullPath } }
    }
    const isEntrance = to.name === 'sign-in' || to.name === 'set-up'
    const mayGo = to.name === 'conversations' ? session.mayServe : to.name !== 'settings' || session.mayServe || session.isSupervisor
    if (session.me) return isEntrance || !mayGo ? { name: session.home } : true
    if (to.name === 'sign-in' || (to.name === 'set-up' && session.isSetupNeeded)) return true
    if (session.isSetupNeeded) return { name: 'set-up' }
    // Where `/` leads depends on who signs in, so it is no place to return to.
    return { name: 'sign-in', query: to.redirectedFrom ? {} : { next: to.fullPath } }
  })
  return router
}
